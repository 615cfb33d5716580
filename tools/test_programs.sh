#!/bin/sh
# Second programs of the tests: Chromium looks at the report, DCMTK at the simulated DICOM and at our node, and
# Mosquitto passes on what meters say. strace records and disturbs what is written, and
# faketime puts the clock of a server forward.
# Installed only by root on Debian; without them those tests skip.
set -u

wanted=""
command -v chromium >/dev/null 2>&1 || wanted="$wanted chromium"
command -v dcmdump >/dev/null 2>&1 || wanted="$wanted dcmtk"
[ -x /usr/sbin/mosquitto ] || wanted="$wanted mosquitto"
command -v Orthanc >/dev/null 2>&1 || wanted="$wanted orthanc orthanc-dicomweb"
command -v strace >/dev/null 2>&1 || wanted="$wanted strace"
command -v faketime >/dev/null 2>&1 || wanted="$wanted faketime"
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Not here:$wanted. The tests that use them skip; to run them too: sudo apt-get install$wanted" >&2
    exit 0
fi
echo "Installing$wanted for the tests ..." >&2
{
    apt-get update -q
    # $wanted is a list on purpose.
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $wanted
} >&2 || echo "Could not install$wanted: the tests that use them skip." >&2
exit 0
