"""Makes the calls of AWS services that stand on standard input."""
import base64
import json
import sys

import boto3
from botocore import xform_name


def plain(value):
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["$base64"]:
        return base64.b64decode(value["$base64"])
    return {name: plain(item) for name, item in value.items()}


for call in json.load(sys.stdin):
    client = boto3.client(
        call["service"],
        endpoint_url=sys.argv[1],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    getattr(client, xform_name(call["operation"]))(**plain(call["params"]))
