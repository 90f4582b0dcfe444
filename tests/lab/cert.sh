#!/bin/bash
# cert.sh FOLDER NAME[:ADDRESS,HOST…][=DAYS|=self]…: certificates for the lab's servers and clients.
#
# FOLDER/ca.{crt,key} is made once; each NAME becomes FOLDER/NAME.{crt,key}, signed by it for 365 days, for
# DAYS (below zero: ended already), or signed by itself.  Everybody may read them: they guard nothing.
set -eu
mkdir -p "$1"
cd "$1"
shift

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
if [ ! -f ca.crt ]; then
    key ca
    openssl req -x509 -new -key ca.key -days 3650 -subj "/O=Lab/CN=Lab CA" -out ca.crt \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
fi
for spec; do
    days=365
    case $spec in *=*) days=${spec#*=} spec=${spec%%=*} ;; esac
    name=${spec%%:*} names=
    [ "$name" = "$spec" ] || names=${spec#*:}
    {
        echo "basicConstraints = CA:FALSE"
        echo "extendedKeyUsage = serverAuth,clientAuth"
        alt=
        for n in ${names//,/ }; do
            case $n in *[!0-9.]*) alt="$alt,DNS:$n" ;; *) alt="$alt,IP:$n" ;; esac
        done
        [ -z "$alt" ] || echo "subjectAltName = ${alt#,}"
    } >"$name.ext"
    key "$name"
    openssl req -new -key "$name.key" -subj "/O=Lab/CN=$name" -out "$name.csr"
    signer=(-CA ca.crt -CAkey ca.key -CAcreateserial)
    [ "$days" != self ] || { signer=(-signkey "$name.key") days=30; }
    openssl x509 -req -in "$name.csr" -days "$days" -extfile "$name.ext" "${signer[@]}" -out "$name.crt" 2>"$name.log" ||
        { cat "$name.log" >&2; exit 1; }
    rm -f "$name.csr" "$name.ext" "$name.log"
done
chmod 644 ./*.key ./*.crt
