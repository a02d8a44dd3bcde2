"""How a board looks: cards on a quiet ground, one rhythm of rows; in the colours of the theme, light or dark."""

import streamlit as st

CSS = """
<style>
.block-container:has(.st-key-board) {max-width: 1680px; padding: 4rem 2rem 3rem;}
[data-testid="stApp"]:has(.st-key-board) :is([data-testid="stMain"], [data-testid="stHeader"]) {
  background: light-dark(#f5f6f8, transparent);
}
[class*="st-key-tile-"] {
  border: 1px solid color-mix(in srgb, currentColor 11%, transparent); border-radius: .8rem;
  background: light-dark(#fff, color-mix(in srgb, #fff 4%, transparent));
  padding: .8rem 1rem .85rem; box-shadow: 0 1px 2px rgb(0 0 0 / .04); gap: .35rem; min-width: 0;
}
[class*="st-key-menu-"] button {min-height: 1.5rem; padding: 0 .25rem; opacity: .4;}
[class*="st-key-menu-"] button > div > :last-child:not(:first-child) {display: none;}
[class*="st-key-tile-"]:hover [class*="st-key-menu-"] button, [class*="st-key-menu-"] button:focus {opacity: 1;}
[class*="st-key-head-"] p {font-weight: 600; line-height: 1.35; margin: 0;}
[class*="st-key-kpis-"] [data-testid="stMetric"] {padding: .1rem 0;}
[class*="st-key-kpis-"] [data-testid="stMetricValue"] {font-size: 1.7rem; font-weight: 600; letter-spacing: -.01em;}
[class*="st-key-kpis-"] [data-testid="stMetricLabel"] p {opacity: .72; font-size: .85rem;}
[class*="st-key-kpis-"] [data-testid="stMetricDelta"] {font-size: .8rem;}
[class*="st-key-findings-"] {gap: .1rem;}
[class*="st-key-findings-"] li {line-height: 1.45; font-size: .9rem; margin-left: 1.1rem;}
.st-key-board-head {gap: .4rem;}
.st-key-board-head h1 {padding: 0; font-size: 1.75rem; overflow-wrap: anywhere;}
@media (max-width: 640px) {
  .block-container:has(.st-key-board) {padding: 4.2rem .8rem 2rem;}
  .st-key-board-head h1 {font-size: 1.4rem;}
}
[class*="st-key-controls-"] {
  border-bottom: 1px dashed color-mix(in srgb, currentColor 20%, transparent); padding-bottom: .4rem;
}
.board-note {line-height: 1.5; overflow-wrap: anywhere;}
.board-note > :first-child {margin-top: 0;} .board-note > :last-child {margin-bottom: 0;}
.board-note :is(h1, h2, h3) {font-size: 1.15rem; padding: 0; margin: .2rem 0 .3rem;}
.board-note :is(p, ul, ol) {margin: 0 0 .5rem;}
.board-note table {border-collapse: collapse; margin: .3rem 0;}
.board-note :is(td, th) {
  padding: .2rem .6rem; text-align: left; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent);
}
.board-note.quiet {opacity: .72;}
.board-note.quiet :is(p, li) {font-size: .875rem;}
</style>
"""


def apply() -> None:
    """Put the style on the page; once a run."""
    st.html(CSS)
