package vtl

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/postern-gateway/postern/value"
)

const benchTemplate = `#set($root = $input.path('$'))
#set($order = $root.order)
{
  "stage": "$context.stage",
  "id": "$order.id",
  "customer": "$util.escapeJavaScript($order.customer.name)",
  "vip": #if($order.customer.vip)true#{else}false#end,
  "lines": [
#foreach($line in $order.lines)
    {
      "sku": "$line.sku",
      "total": $line.total
    }#if($foreach.hasNext),#end

#end
  ],
#if($order.note && $order.note != "")
  "note": "$order.note",
#end
  "count": $order.lines.size()
}
`

// benchBody is a document of 2 KB.
func benchBody() string {
	line := `{"sku":"ABC-12345","qty":3,"price":12.50,"total":37.5,"description":"A fine thing of its kind, in blue; and there is more to be said about it, at some length, but nobody will read it here or there"}`
	return `{"order":{"id":"o-1","customer":{"name":"O'Hara","vip":true},"note":"soon","lines":[` + strings.Repeat(line+",", 9) + line + `]}}`
}

// goTemplate is benchTemplate for text/template.
const goTemplate = `{{$order := .root.order}}{
  "stage": "{{.stage}}",
  "id": "{{$order.id}}",
  "customer": "{{js $order.customer.name}}",
  "vip": {{if $order.customer.vip}}true{{else}}false{{end}},
  "lines": [
{{range $i, $line := $order.lines}}{{if $i}},
{{end}}    {
      "sku": "{{$line.sku}}",
      "total": {{$line.total}}
    }{{end}}
  ],
{{if and $order.note (ne $order.note "")}}  "note": "{{$order.note}}",
{{end}}  "count": {{len $order.lines}}
}
`

// contenders do the same work: parse the body, render 20 lines of template.
// Two of them do a part of it.
func contenders(b *testing.B) map[string]func() {
	b.Helper()
	body := benchBody()
	ours, err := Compile(benchTemplate)
	if err != nil {
		b.Fatal(err)
	}
	theirs, err := template.New("bench").Parse(goTemplate)
	if err != nil {
		b.Fatal(err)
	}
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	var out []byte
	var buffer bytes.Buffer
	decode := func() any {
		var root any
		check(json.Unmarshal([]byte(body), &root))
		return root
	}
	return map[string]func(){
		"vtl": func() {
			var err error
			out, err = ours.Render(out[:0], testVars(body))
			check(err)
		},
		"parse": func() {
			_, err := value.ParseJSON(body)
			check(err)
		},
		"text/template": func() {
			buffer.Reset()
			check(theirs.Execute(&buffer, map[string]any{"root": decode(), "stage": "dev"}))
		},
		"encoding/json": func() { decode() },
	}
}

// BenchmarkRender: a template of 20 lines over a body of 2 KB, which it parses;
// the parsing alone; and the same with the standard library.
func BenchmarkRender(b *testing.B) {
	all := contenders(b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(benchBody())))
			b.ReportAllocs()
			for b.Loop() {
				all[name]()
			}
		})
	}
}

// BenchmarkRatios runs the contenders in turns, so that whatever else a
// machine does hits all alike, and reports how long each takes compared with
// vtl.
func BenchmarkRatios(b *testing.B) {
	all := contenders(b)
	names := slices.Sorted(maps.Keys(all))
	took := map[string]time.Duration{}
	for b.Loop() {
		for _, name := range names {
			began := time.Now()
			for range 10 {
				all[name]()
			}
			took[name] += time.Since(began)
		}
	}
	for _, name := range names {
		if name != "vtl" {
			b.ReportMetric(float64(took[name])/float64(took["vtl"]), name+"/vtl")
		}
	}
}
