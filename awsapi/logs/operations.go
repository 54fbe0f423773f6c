package logs

import "encoding/json"

// input is the input of an operation.
type input interface {
	// resource is the rest of the ARN that policies are asked about.
	resource() string
	// check says what is wrong with the input.
	check(*call) error
	// run answers it; a nil answer is an empty body.
	run(*call) (any, error)
}

// operation makes an input of a body.
type operation struct {
	decode func(body []byte) (input, error)
}

// operationOf is the operation whose input is In.
func operationOf[In any, P interface {
	*In
	input
}]() operation {
	return operation{decode: func(body []byte) (input, error) {
		in := P(new(In))
		if len(body) == 0 {
			return in, nil
		}
		return in, json.Unmarshal(body, in)
	}}
}

// operations are those that are served, by their names.
var operations = map[string]operation{
	"CreateLogGroup":        operationOf[createLogGroup](),
	"DeleteLogGroup":        operationOf[deleteLogGroup](),
	"DescribeLogGroups":     operationOf[describeLogGroups](),
	"PutRetentionPolicy":    operationOf[putRetentionPolicy](),
	"DeleteRetentionPolicy": operationOf[deleteRetentionPolicy](),

	"CreateLogStream":    operationOf[createLogStream](),
	"DeleteLogStream":    operationOf[deleteLogStream](),
	"DescribeLogStreams": operationOf[describeLogStreams](),

	"PutLogEvents":    operationOf[putLogEvents](),
	"GetLogEvents":    operationOf[getLogEvents](),
	"FilterLogEvents": operationOf[filterLogEvents](),

	"TagResource":         operationOf[tagResource](),
	"UntagResource":       operationOf[untagResource](),
	"ListTagsForResource": operationOf[listTagsForResource](),
	"TagLogGroup":         operationOf[tagLogGroup](),
	"UntagLogGroup":       operationOf[untagLogGroup](),
	"ListTagsLogGroup":    operationOf[listTagsLogGroup](),
}
