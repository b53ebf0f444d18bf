#!/usr/bin/env bash
# Makes the certificates of TlsTest, which are valid for a hundred years and for this machine alone.
set -euo pipefail
cd "$(dirname "$0")"
rm -f ./*.p12 ./*.crt
for name in server renewed client; do
  keytool -genkeypair -alias "$name" -keyalg EC -groupname secp256r1 -validity 36500 -storetype PKCS12 \
    -dname "CN=$name" -ext SAN=dns:localhost,ip:127.0.0.1 -storepass secret -keystore "$name.p12"
  keytool -exportcert -alias "$name" -storepass secret -keystore "$name.p12" -file "$name.crt"
done
for pair in clients:client servers:server servers:renewed; do
  keytool -importcert -noprompt -alias "${pair#*:}" -file "${pair#*:}.crt" -storetype PKCS12 -storepass secret -keystore "${pair%:*}.p12"
done
rm -f ./*.crt
