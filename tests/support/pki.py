# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made by openssl in a folder of the test's own."""

import subprocess
from pathlib import Path


class Authority:
    """A certificate authority: `certificate` is its own (PEM); issue() makes more."""

    def __init__(self, folder, name="ca"):
        self.folder = Path(folder)
        self.certificate = self.folder / f"{name}.pem"
        self.key = self.folder / f"{name}.key"
        self._openssl("req", "-x509", "-nodes", *NEW_KEY, "-keyout", self.key, "-out", self.certificate,
                      "-subj", f"/CN=test {name}", "-days", "2")

    def issue(self, name, alternatives="IP:127.0.0.1,DNS:localhost"):
        """(certificate, key) as PEM files, for a server or a client with that name."""
        request, certificate, key = (self.folder / f"{name}.{end}" for end in ("csr", "pem", "key"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={alternatives}\n")
        self._openssl("req", "-new", "-nodes", *NEW_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        self._openssl("x509", "-req", "-in", request, "-out", certificate, "-days", "2", "-extfile", extensions,
                      "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial")
        return certificate, key

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=self.folder)


NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
