package vtl

import (
	"strings"
	"testing"

	"github.com/postern-gateway/postern/value"
)

// input is a small $input for tests: its body is a document.
type input string

func (in input) Get(name string) value.Value {
	if name == "body" {
		return value.OfString(string(in))
	}
	return value.Value{}
}

func (in input) Call(name string, _ []value.Value) (value.Value, bool, error) {
	if name != "path" {
		return value.Value{}, false, nil
	}
	v, err := value.ParseJSON(string(in))
	return v, true, err
}

func (input) Map() *value.Map { return nil }

func testVars(body string) Vars {
	override := value.NewMap(value.Member{Key: "header", Value: value.OfMap(&value.Map{Silent: true})})
	override.Silent = true
	context := value.NewMap(value.Member{Key: "requestOverride", Value: value.OfMap(override)}, value.Member{Key: "stage", Value: value.OfString("dev")})
	return Vars{
		Input: value.OfHost(input(body)), Context: value.OfMap(context),
		StageVariables: value.OfMap(value.NewMap(value.Member{Key: "x", Value: value.OfString("sv")})),
	}
}

const document = `{"a":{"k1":"v1","k2":[1,2.50,"x"]},"items":[{"n":1},{"n":2}],"null":null,"big":123456789012,"t":true,"e":{}}`

func render(t *testing.T, source string) (string, error) {
	t.Helper()
	tmpl, err := Compile(source)
	if err != nil {
		return "", err
	}
	out, err := tmpl.Render([]byte("before "), testVars(document))
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(string(out), "before "), nil
}

type row struct{ source, want string }

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, row := range rows {
		if got, err := render(t, row.source); got != row.want || err != nil {
			t.Errorf("%q renders %q, %v; want %q", row.source, got, err, row.want)
		}
	}
}

// TestDifferences: where the service is not stock Velocity, all recorded.
func TestDifferences(t *testing.T) {
	check(t, []row{
		{"$x|${x}|$a.b.c|$!x|$!{x}", "||||"},
		{"#if($x)y#{else}n#end #if(${a.b.c})y#end #if($!a.b)y#end", "y y y"},
		{"#set($d=$input.path('$'))#if($d.null)y#end#if(!$x)n#else!#end", "y!"},
		{"#if($x == '')y#end#if($foo.bar.stuff != '')n#{else}e#end", "ye"},
		{`"$key"#set($m={})#set($r="$key")#set($m["$key"]=1)$m`, `""{=1}`},
		{"a#macro(hello $x)in#end\nb#hello()c", "ab#hello()c"},
		{`#evaluate("$x")|#return(1)|#parse("a")|#include('b')`, `#evaluate("$x")|#return(1)|#parse("a")|#include('b')`},
		{"#set($v=1)#define($d)[$v]#end$d#set($v=2)$d$d()", "[1][2][2]()"},
		{"a#stop b", "a"},
		{"#set($m={'k':'o'})$m.put('k','n')|$m.put('z','n')|$m.k", "o||n"},
		{"#set($l=['a','b'])$l.set(0,'c')$l", "a[c, b]"},
		{`#set($d=$input.path('$'))#if("$d.null" == "")y#end`, "y"},
		{"#if($x && $x != '')y#{else}n#end", "n"},
	})
}

func TestLexical(t *testing.T) {
	check(t, []row{
		{"#set($context.requestOverride.header.X-Amz-Target = 'T')$context.requestOverride.header.X-Amz-Target", "T"},
		{`$1 $ $, # #13ff93 "#" $5.00`, `$1 $ $, # #13ff93 "#" $5.00`},
		{`#set($a=[1,[2,{"k":"v"}]])$a[1][0]|$a[1][1].k|$a[1][1]["k"]|$a[-1][0]`, "2|v|v|2"},
		{"#set($name='n')$name}|${name}s|$name.|$name.length()", "n}|ns|n.|1"},
		{`#set($n='x')#set($s="a ""b"" $n\n")$s#set($q='it''s $n')$q`, `a "b" x\nit's $n`},
		{`#set($n='x')#set($s="\$n")$s`, `$n`},
		{`#set($email='foo')\$email|\\$email|\ \\ \# \$`, `$email|\foo|\ \\ \# \$`},
		{`#set($email='foo')\#end|\# end|\#set( $email = "foo" )`, `#end|\# end|#set( foo = "foo" )`},
		{"#set($a=-5)$a #set($b=.5)$b #set($c=[1..5])$c #set($d=[5..-2])$d", "-5 0.5 [1, 2, 3, 4, 5] [5, 4, 3, 2, 1, 0, -1, -2]"},
		{"#set($m={\"k\": 1,\n 'k2': [true,false]})$m #set($e={})$e", "{k=1, k2=[true, false]} {}"},
		{"#if(true)hello##\n#end", "hello"},
		{"Stuff#*..\n.*#\n and#** x *#!", "Stuff\n and!"},
		{"#[[ $x #if ]]#", " $x #if "},
		{"#{set}($x=1)#{if}($x==1)a#{else}b#{end}", "a"},
		{"#set ($x = 1)#if ($x == 1)a#end# set($x=2)", "a# set(=2)"[:1] + "# set(1=2)"},
		{"#set($f='$')$f.length()$stageVariables.x|$stageVariables['x']|${stageVariables['x']}|$stageVariables.no", "1sv|sv|sv|"},
		{"#set($i=3)$foo-$i ${i}-a", "3 3-a"},
		{`#set($c='a"b')#set($s="x#if($c)y#end")$s`, "xy"},
		{`#set($s="^a$")$s`, "^a$"},
	})
}

func TestExpressions(t *testing.T) {
	e := func(source, want string) row { return row{"#set($a=" + source + ")$a", want} }
	check(t, []row{
		e("4 > 2 + 5", "false"), e("5 * 4 - 2", "18"), e("2 + 5 * 4", "22"), e("100.0 / 50", "2.0"), e(".5*.1", "0.05"), e("7 / 2", "3"), e("-7 % 3", "-1"),
		e("(1 + 2) * 3", "9"), e("2147483647 + 1", "2147483648"), e("9223372036854775807 + 1", "9223372036854775808"), e("'a' + 1", "a1"), e("1 + 'a'", "1a"), e("$x + 1", "1"),
		e("1 eq 1.0", "true"), e("1 ne 1", "false"), e("1 lt 2 and 2 gt 1", "true"), e("1 le 1 && 2 ge 3", "false"), e("false or not false", "true"), e("!true || false", "false"),
		e("'1' == 1", "true"), e("'a' == 'b'", "false"), e("[1] == [1]", "true"), e("true == 'true'", "true"), e("1e3", "1000.0"), e("12345678.0 * 10", "1.2345678E8"), e("0.0001 * 1", "1.0E-4"),
		{"#set($x=1)#set($x=5/0)$x#set($x=5 % 0)$x#set($x=1 - 'a')$x", "111"},
		{"#set($x=1)#set($x=$nothing)[$x]", "[]"},
		{"#if(0)a#end#if('')b#end#if([])c#end#if({})d#end#if(false)e#end", "abcd"},
		{"#if(false)a#elseif(true)b#{else}c#end", "b"},
		{"#if('a' < 'b')y#{else}n#end", "n"},
	})
}

func TestLoops(t *testing.T) {
	check(t, []row{
		{"#foreach($i in [1..3])$i$foreach.index$foreach.count$foreach.hasNext$foreach.first$foreach.last#end", "101truetruefalse212truefalsefalse323falsefalsetrue"},
		{"#foreach($i in ['a','b'])$velocityCount$velocityHasNext#end", "1true2false"},
		{"#set($i=9)#set($m={'a':1,'b':2})#foreach($i in $m)$i#end$i#foreach($k in $m.keySet())$k#end#foreach($e in $m.entrySet())$e.key=$e.value,$e.getKey();#end#foreach($v in $m.values())$v#end", "129aba=1,a;b=2,b;12"},
		{"#foreach($j in [1])#set($in=$j)#end[$j]$in#foreach($q in $nothing)x#end#foreach($q in 'abc')x#end", "[]1"},
		{"#foreach($a in [1,2])#foreach($b in [1,2])$foreach.parent.count$foreach.count$foreach.topmost.index #end$foreach.count;#end", "110 120 1;211 221 2;"},
		{"#foreach($a in [1..9])#if($a==3)#break#end$a#end!", "12!"},
		{"#foreach($a in [1..9])$a#if($a==2)$foreach.stop()#end,#end!", "1,2!"},
		{"#foreach($a in [1..9])#foreach($b in [1..9])$a$b#if($b==2)$foreach.parent.stop()#end,#end;#end!", "11,12!"},
		{"#define($d)<$i>#end#foreach($i in [1,2])$d#end", "<1><2>"},
		{"#set($n=0)#foreach($i in [1..1500])#set($n=$n + 1)#end$n", "1000"},
		{"#foreach($i in $input.path('$').items)$i.n#if($foreach.hasNext),#end#end", "1,2"},
		{"#define($d)a$d#end$d", "aa"},
	})
}

// TestWhitespace: a line that is only a directive keeps what stands before it.
func TestWhitespace(t *testing.T) {
	check(t, []row{
		{"\n  #set($a=1)\n  {", "\n    {"},
		{"  #set($a=1)\nx", "x"},
		{"#set($a=1)  #set($b=2) \r\nx#set($c=1) y", "x y"},
		{"#if(true)  \n  a\n  #else\nb\n#end \nc", "  a\n  c"},
		{"#if(true)a#end.\nb", "a.\nb"},
		{"#foreach($i in [1,2])\n $i\n#end\n!", " 1\n 2\n!"},
		{"  #if(true)\n x\n  #end\n", "   x\n  "},
		{" \n a \n ", " \n a \n "},
	})
}

func TestValues(t *testing.T) {
	d := "#set($d=$input.path('$'))"
	check(t, []row{
		{d + "$d.a|$d.items|$d.a.k2|$d.a.toString()", `{k1=v1, k2=[1,2.50,"x"]}|[{"n":1},{"n":2}]|[1,2.50,"x"]|{k1=v1, k2=[1,2.50,"x"]}`},
		{d + "$d.a.k2[1]|$d.big|$d.t|$d.null|$d.e", "2.5|123456789012|true||{}"},
		{"$context.requestOverride|$context.requestOverride.header|", "||"},
		{d + "$d.class.name|$d.a.k1.class.name|$d.a.k2.class.name|$d.big.class.name|$d.items[0].n.class.name|$d.class.x", "java.util.LinkedHashMap|java.lang.String|net.minidev.json.JSONArray|java.lang.Long|java.lang.Integer|"},
		{d + "$d.e.empty|$d.a.empty|#if(!$d.e.empty)x#end|#set($m={'empty':'key','class':1})$m.empty", "true|false||key"},
		{"#set($m={})$!m.putAll({'a':1})$m.size()$m.isEmpty()$m.containsKey('a')$m.containsValue(1)$m.getOrDefault('b',2)$m.putIfAbsent('a',5)$m.remove('a')$m", "1falsetruetrue211{}"},
		{"#set($l=[])$l.add('a')$l.add(0,'b')$l.addAll(['c'])$l|$l.size()$l.indexOf('a')$l.contains('z')$l.get(2)$l.remove(0)$l.remove('c')$l$l.subList(0,1)", "truetrue[b, a, c]|31falsecbtrue[a][a]"},
		{"#set($I=0)$I.parseInt('42')|$I.valueOf('7')|$I.toHexString(-1)|$I.parseDouble('1.50')|#set($b=true)$b.parseBoolean('TRUE')", "42|7|ffffffff|1.5|true"},
		{"$nothing.call()|$d.x.y('a')|#set($s='a')$s.nope()|$s.length(1)", "|||"},
	})
}

func TestStrings(t *testing.T) {
	s := func(call, want string) row { return row{"#set($s='Hello World')$s." + call, want} }
	check(t, []row{
		s("length()", "11"), s("substring(6)", "World"), s("substring(0,5)", "Hello"), s("indexOf('o')", "4"), s("indexOf('o',5)", "7"), s("lastIndexOf('o')", "7"), s("lastIndexOf('o',6)", "4"),
		s("contains('lo W')", "true"), s("startsWith('World',6)", "true"), s("endsWith('d')", "true"), s("equals('x')", "false"), s("equalsIgnoreCase('hello world')", "true"),
		s("compareTo('Hello')", "6"), s("concat('!')", "Hello World!"), s("replace('l','L')", "HeLLo WorLd"), s("replaceAll('(o)( ?)','<$1>')", "Hell<o>W<o>rld"), s("replaceFirst('l','')", "Helo World"),
		s("matches('.*World')", "true"), s("matches('World')", "false"), s("split(' ')", "[Hello, World]"), s("split('l',2)", "[He, lo World]"), s("toUpperCase()", "HELLO WORLD"), s("charAt(1)", "e"),
		s("hashCode()", "-862545276"), s("format('%s-%03d-%.1f','a',7,1.5)", "a-007-1.5"), s("isEmpty()", "false"), s("empty", "false"),
		{`#set($s="it\'s \x")$s.replaceAll("\\'","'")`, `it's \x`},
		{"#set($s='äöü😀')$s.length()$s.substring(1,2)$s.indexOf('😀')", "5ö3"},
		{"#set($s='a,b,,')$s.split(',').size()|#set($s=' x ')[$s.trim()]", "2|[x]"},
	})
}

func TestUtil(t *testing.T) {
	check(t, []row{
		{`$util.urlEncode('{"some": "value"}')|$util.urlEncode($nothing)|$util.urlDecode('a+%7B')`, `%7B%22some%22%3A+%22value%22%7D||a {`},
		{`$util.base64Encode('héé')|$util.base64Decode('aMOpw6k=')`, "aMOpw6k=|héé"},
		{"$util.escapeJavaScript(\"a'b\"\"c/d\n\té\\\")|$util.escapeJavaScript($no)", `a\'b\"c\/d\n\t\u00E9\\|`},
		{`#set($o=$util.parseJson('{"key2":{"arr":["x",1]}}'))$o.key2.arr[0]$o.key2.arr.size()`, "x2"},
		{"$util.toJson('x')|$util.qr(1)", "|"},
	})
}

// TestCompileErrors: where they are, and that they are.
func TestCompileErrors(t *testing.T) {
	for _, test := range []struct {
		source       string
		line, column int
	}{
		{"a\n  ${name.", 2, 3}, {"#if(true)x", 1, 1}, {"#end", 1, 5}, {"#if(true)a#endOff", 1, 1}, {"x$", 1, 2}, {"x#", 1, 2},
		{"#set($a = 5-1)", 1, 12}, {"#set($a = [1 + 2])", 1, 14}, {"$a.b(1 + 2)", 1, 8}, {`#set($a = "x\"y")`, 1, 15}, {"#set($a = 'x)", 1, 11},
		{"#*", 1, 1}, {"#[[", 1, 1}, {"#foreach($i of $x)#end", 1, 13}, {"\n\n#set(a = 1)", 3, 6}, {"#set($a = \"x $b.c(\")", 1, 19}, {"#if(true)#else#else#end", 1, 20},
		{"#set($a.b() = 1)", 1, 6}, {"#set", 1, 1}, {"$a[1", 1, 5}, {"#if(1 = 1)#end", 1, 7},
	} {
		_, err := Compile(test.source)
		e, ok := err.(*Error)
		if !ok || e.Line != test.line || e.Column != test.column {
			t.Errorf("Compile(%q): %v; want line %d, column %d", test.source, err, test.line, test.column)
		}
	}
}

// TestRuntimeErrors: what the engine throws, and what goes over a bound.
func TestRuntimeErrors(t *testing.T) {
	loops := "#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])$c#end#end#end"
	for _, source := range []string{
		"#set($l=[1])$l[1]", "#set($l=[1])$l.get(-1)", "#set($s='a')$s.substring(2)", "#set($I=0)$I.parseInt('x')", "$util.parseJson('{')", "$util.base64Decode('*')",
		"#set($s='a')$s.matches('(')", "#set($l=[1])#set($l[3]=1)", "#set($s='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$s.matches('(a+)+')",
		loops, "#set($s='0123456789')#foreach($i in [1..40])#set($s=$s + $s)#end", "#set($l=[1])#foreach($i in [1..40])#set($r=$l.addAll($l))#end",
		"#set($l=[])#set($r=$l.add($l))$l", "#set($m={})#set($m.m=$m)$m", "#set($l=[1])#foreach($i in [1..40])#set($l=[$l,$l])#end$l", "#set($r=[1..2000000000])",
		"#set($s='[0]')#foreach($i in [1..18])#set($s=$s + $s)#end#foreach($i in [1..1000])$util.urlEncode($s)#end", // work by length
		"#set($l=[1])#foreach($i in [1..14])#set($l=[$l,$l])#end#foreach($i in [1..1000])#if($l == $l)#end#end",
		"#set($s='%9999999d')$s.format($s,1)", "#set($n=99999999999)#foreach($i in [1..40])#set($n=$n * $n)#end$n.x()" + loops,
	} {
		tmpl, err := Compile(source)
		if err != nil {
			t.Errorf("Compile(%q): %v", source, err)
			continue
		}
		out, err := tmpl.Render(nil, testVars(document))
		if e, ok := err.(*Error); !ok || e.Line == 0 || len(out) > 0 {
			t.Errorf("%q renders %.80q, %v; want an error with its line", source, out, err)
		}
	}
	if _, err := Compile(strings.Repeat("x", maxSource+1)); err == nil {
		t.Error("a source that is too long compiles")
	}
	for _, s := range []string{"(", "[", "!", "#if(true)", `"$a[`} {
		if _, err := Compile("#set($a=" + strings.Repeat(s, 10000)); err == nil {
			t.Errorf("%q 10000 times compiles", s)
		}
	}
}

// TestReuse: nothing of a rendering is left for the next one.
func TestReuse(t *testing.T) {
	tmpl, err := Compile("$a#set($a=$input.body)$a")
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"1", "2"} {
		if got, err := tmpl.Render(nil, testVars(body)); string(got) != body || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, body)
		}
	}
}
