#!/usr/bin/env bash
# What the tests need beside Python: Chromium, a Chinese font, PostgreSQL, Java. Root gets them by apt, others are told how.
set -u
packages="chromium fonts-noto-cjk postgresql default-jre-headless"
complete() {
  command -v chromium && fc-list | grep -qi "CJK" && ls /usr/lib/postgresql/*/bin/initdb && { [ -n "${JAVA_HOME:-}" ] || command -v java; }
} >/dev/null 2>&1
complete && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fontconfig $packages >/dev/null && exit 0
fi
echo "Tests that need them will be skipped; to run them too: apt-get install $packages" >&2
