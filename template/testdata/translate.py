"""Reads a SAM template from standard input and writes what the SAM translator
makes of it to standard output, as JSON. Nothing is asked of AWS: managed
policies are an empty map, and the region is given. Local code is named as if
it had been uploaded: the translator takes no other."""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

text = sys.stdin.read()
template = json.loads(text) if text.startswith("{") else yaml_parse(text)
functions = [r.get("Properties", {}) for r in template["Resources"].values() if r["Type"] == "AWS::Serverless::Function"]
for function in functions + [template.get("Globals", {}).get("Function", {})]:
    if "CodeUri" in function:
        function["CodeUri"] = "s3://bucket/key"
translated = Translator({}, Parser()).translate(template, {})
json.dump(translated, sys.stdout, default=str)
