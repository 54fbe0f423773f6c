package cli

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/kballard/go-shellquote"
)

// curlOption is an option of curl that says something about the request.
type curlOption struct {
	value bool // it has one
	apply func(q *curlRequest, value string) error
}

// curlNothing is for options about what curl prints and how it connects.
func curlNothing(*curlRequest, string) error { return nil }

var curlOptions = map[string]curlOption{
	"-X": {true, func(q *curlRequest, v string) error { q.method = v; return nil }},
	"-H": {true, (*curlRequest).addHeader},
	"-A": {true, func(q *curlRequest, v string) error { q.header.Set("User-Agent", v); return nil }},
	"-e": {true, func(q *curlRequest, v string) error { q.header.Set("Referer", v); return nil }},
	"-b": {true, func(q *curlRequest, v string) error { q.header.Set("Cookie", v); return nil }},
	"-u": {true, func(q *curlRequest, v string) error {
		q.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(v)))
		return nil
	}},
	"-d":            {true, func(q *curlRequest, v string) error { return q.addData(v, true) }},
	"--data-binary": {true, func(q *curlRequest, v string) error { return q.addData(v, true) }},
	"--data-raw":    {true, func(q *curlRequest, v string) error { return q.addData(v, false) }},
	"--json": {true, func(q *curlRequest, v string) error {
		q.header.Set("Content-Type", "application/json")
		q.header.Set("Accept", "application/json")
		return q.addData(v, true)
	}},
	"--url": {true, func(q *curlRequest, v string) error { q.url = v; return nil }},
	"-I":    {false, func(q *curlRequest, _ string) error { q.method = http.MethodHead; return nil }},
	"-k":    {false, func(q *curlRequest, _ string) error { q.insecure = true; return nil }},
	"-s":    {false, curlNothing}, "-S": {false, curlNothing}, "-v": {false, curlNothing}, "-i": {false, curlNothing},
	"--http1.1": {false, curlNothing}, "-o": {true, curlNothing}, "-w": {true, curlNothing},
}

// curlLong are the long names of options with short ones.
var curlLong = map[string]string{
	"--request": "-X", "--header": "-H", "--user-agent": "-A", "--referer": "-e", "--cookie": "-b", "--user": "-u",
	"--data": "-d", "--data-ascii": "-d", "--head": "-I", "--insecure": "-k", "--silent": "-s", "--show-error": "-S",
	"--verbose": "-v", "--include": "-i", "--output": "-o", "--write-out": "-w",
}

// parseCurl reads a command line of curl. Options that it does not know are
// errors: leaving one out would explain another request.
func parseCurl(line string) (*curlRequest, error) {
	words, err := shellquote.Split(line)
	if err != nil {
		return nil, err
	}
	if len(words) > 0 && words[0] == "curl" {
		words = words[1:]
	}
	q := &curlRequest{header: http.Header{}}
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		if !strings.HasPrefix(word, "-") || word == "-" {
			if q.url != "" {
				return nil, fmt.Errorf("two URLs: %s and %s", q.url, word)
			}
			q.url = word
			continue
		}
		if words, err = q.option(word, words); err != nil {
			return nil, err
		}
	}
	if q.url == "" {
		return nil, fmt.Errorf("there is no URL")
	}
	if !strings.Contains(q.url, "://") {
		q.url = "http://" + q.url
	}
	if q.method == "" {
		q.method = http.MethodGet
		if q.body != nil {
			q.method = http.MethodPost
		}
	}
	return q, nil
}

// option applies one word of options, which may take the next word or be
// several short ones together.
func (q *curlRequest) option(word string, words []string) ([]string, error) {
	name, rest := word, ""
	if long, ok := curlLong[word]; ok {
		name = long
	} else if !strings.HasPrefix(word, "--") && len(word) > 2 {
		name, rest = word[:2], word[2:]
	}
	o, ok := curlOptions[name]
	switch {
	case !ok:
		return nil, fmt.Errorf("the option %s of curl is not known here", name)
	case !o.value && rest != "": // "-sS": the next one stands behind
		if err := o.apply(q, ""); err != nil {
			return nil, err
		}
		return q.option("-"+rest, words)
	case !o.value:
		return words, o.apply(q, "")
	case rest != "": // "-XPOST"
		return words, o.apply(q, rest)
	case len(words) == 0:
		return nil, fmt.Errorf("the option %s of curl wants a value", word)
	}
	return words[1:], o.apply(q, words[0])
}

func (q *curlRequest) addHeader(line string) error {
	name, value, ok := strings.Cut(line, ":")
	switch value = strings.TrimSpace(value); {
	case !ok:
		return fmt.Errorf("header %q: want NAME: VALUE", line)
	case strings.EqualFold(name, "Host"):
		q.host = value
	default:
		q.header[name] = append(q.header[name], value) // in the user's spelling
	}
	return nil
}

// addData adds to the body; "@FILE" stands for the text of a file, if files may.
func (q *curlRequest) addData(data string, files bool) error {
	if name, ok := strings.CutPrefix(data, "@"); ok && files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		data = string(text)
	}
	if q.body != nil {
		data = "&" + data
	}
	q.body = append(append([]byte{}, q.body...), data...)
	if q.header.Get("Content-Type") == "" {
		q.header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return nil
}
