package aws

import "strings"

// absent are the members that the JSON of a query service has as null where its
// XML leaves them out, by the name of the answer. Seen in answers of the service.
var absent = map[string][]string{
	"PublishResponse":     {"SequenceNumber"},
	"SendMessageResponse": {"MD5OfMessageAttributes", "MD5OfMessageSystemAttributes", "SequenceNumber"},
}

// absentOfMessage are those of each message of ReceiveMessage.
var absentOfMessage = []string{"Attributes", "MD5OfMessageAttributes", "MessageAttributes"}

// complete changes an answer that was translated from XML to what the service
// itself gives in JSON, as far as that has been seen.
func complete(name string, answer any) {
	whole, ok := answer.(map[string]any)
	if !ok {
		return
	}
	result := strings.TrimSuffix(name, "Response") + "Result"
	if name == "ReceiveMessageResponse" {
		inside, _ := whole[result].(map[string]any) // an empty element is a text
		whole[result] = map[string]any{"messages": messages(inside["Message"])}
		return
	}
	if inside, ok := whole[result].(map[string]any); ok {
		setAbsent(inside, absent[name])
	}
}

func setAbsent(object map[string]any, names []string) {
	for _, name := range names {
		if _, there := object[name]; !there {
			object[name] = nil
		}
	}
}

// messages are the messages of ReceiveMessage; nil if there are none.
func messages(translated any) []any {
	var list []any
	for _, one := range many(translated) {
		message, ok := one.(map[string]any)
		if !ok {
			continue
		}
		for xmlName, jsonName := range map[string]string{"Attribute": "Attributes", "MessageAttribute": "MessageAttributes"} {
			if pairs, ok := message[xmlName]; ok {
				delete(message, xmlName)
				message[jsonName] = named(pairs)
			}
		}
		setAbsent(message, absentOfMessage)
		list = append(list, message)
	}
	return list
}

// named makes an object of elements with a Name and a Value.
func named(translated any) map[string]any {
	out := map[string]any{}
	for _, one := range many(translated) {
		if pair, ok := one.(map[string]any); ok {
			if name, ok := pair["Name"].(string); ok {
				out[name] = pair["Value"]
			}
		}
	}
	return out
}

// many returns the elements of a name that may be repeated.
func many(translated any) []any {
	switch v := translated.(type) {
	case nil:
		return nil
	case repeated:
		return v
	}
	return []any{translated}
}
