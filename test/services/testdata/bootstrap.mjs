// A Lambda runtime for one handler, as small as the Runtime API allows.
const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/`;

async function handler(event) {
  const body = { event, pid: process.pid, name: process.env.AWS_LAMBDA_FUNCTION_NAME };
  return { statusCode: 200, body: JSON.stringify(body) };
}

for (;;) {
  const question = await fetch(base + "next");
  const request = question.headers.get("lambda-runtime-aws-request-id");
  let kind = "/response", answer;
  try {
    answer = await handler(await question.json());
  } catch (error) {
    kind = "/error";
    answer = { errorMessage: error.message, errorType: error.name };
  }
  await fetch(base + request + kind, { method: "POST", body: JSON.stringify(answer) });
}
