"""A Lambda runtime for one handler, as small as the Runtime API allows."""
import json
import os
import urllib.request

BASE = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"


def handler(event):
    body = {"event": event, "pid": os.getpid(), "name": os.environ["AWS_LAMBDA_FUNCTION_NAME"]}
    return {"statusCode": 200, "body": json.dumps(body)}


while True:
    with urllib.request.urlopen(BASE + "next") as question:
        request = question.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(question)
    kind, answer = "/response", None
    try:
        answer = handler(event)
    except Exception as error:  # the function's failure is its answer
        kind, answer = "/error", {"errorMessage": str(error), "errorType": type(error).__name__}
    urllib.request.urlopen(BASE + request + kind, json.dumps(answer).encode()).close()
