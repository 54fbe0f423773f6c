// A handler as it is written for Lambda: it knows of no runtime.
export const handler = async (event, context) => {
  if (event.resource === undefined) { // of an integration of type AWS
    if (event.fail) throw new Error(event.fail);
    if (event.length) return "x".repeat(event.length);
    return event;
  }
  console.log(`serving ${event.path}`);
  if (event.path === "/fail") throw new Error("it failed");
  if (event.path === "/exit") process.exit(3);
  return {
    statusCode: 201,
    headers: { "Content-Type": "application/json", "X-Function": "node" },
    multiValueHeaders: { "X-Many": ["a", "b"] },
    body: JSON.stringify({
      event,
      pid: process.pid,
      name: context.functionName,
      arn: context.invokedFunctionArn,
      request: context.awsRequestId,
      remaining: context.getRemainingTimeInMillis(),
      group: context.logGroupName,
    }),
  };
};
