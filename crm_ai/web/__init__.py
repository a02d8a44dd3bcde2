"""Addresses beside the pages: what a browser or a program calls without Streamlit.

site.py      what all of them know: the records, whether there is a sign-in, cookies
forms.py     forms that nobody else's page can send
pages.py     the few pages of plain HTML
signin.py    sign in, sign out, one's own account
guard.py     before every answer: who may not see a page is led to the sign-in
headers.py   what every answer tells the browser
browsers.py  a browser's long name, short
uploads.py   which sessions may send files
"""

from crm_ai.web.guard import Guard
from crm_ai.web.headers import Headers
from crm_ai.web.signin import routes
from crm_ai.web.site import Site, records

__all__ = ["Guard", "Headers", "Site", "records", "routes"]
