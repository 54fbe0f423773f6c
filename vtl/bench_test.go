package vtl

import (
	"strings"
	"testing"
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

// BenchmarkRender: a template of 20 lines over a body of 2 KB, which it parses.
func BenchmarkRender(b *testing.B) {
	line := `{"sku":"ABC-12345","qty":3,"price":12.50,"total":37.5,"description":"A fine thing of its kind, in blue; and there is more to be said about it, at some length, but nobody will read it here or there"}`
	body := `{"order":{"id":"o-1","customer":{"name":"O'Hara","vip":true},"note":"soon","lines":[` + strings.Repeat(line+",", 9) + line + `]}}`
	tmpl, err := Compile(benchTemplate)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		if out, err = tmpl.Render(out[:0], testVars(body)); err != nil {
			b.Fatal(err)
		}
	}
}
