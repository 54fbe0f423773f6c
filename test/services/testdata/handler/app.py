"""A handler as it is written for Lambda: it knows of no runtime."""
import json
import os
import sys


def handler(event, context):
    if "resource" not in event:  # of an integration of type AWS
        if event.get("fail"):
            raise ValueError(event["fail"])
        if event.get("length"):
            return "x" * event["length"]
        return event
    print(f"serving {event['path']}")
    if event["path"] == "/fail":
        raise ValueError("it failed")
    if event["path"] == "/exit":
        sys.exit(3)
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json", "X-Function": "python"},
        "multiValueHeaders": {"X-Many": ["a", "b"]},
        "body": json.dumps({
            "event": event,
            "pid": os.getpid(),
            "name": context.function_name,
            "arn": context.invoked_function_arn,
            "request": context.aws_request_id,
            "remaining": context.get_remaining_time_in_millis(),
            "group": context.log_group_name,
        }),
    }
