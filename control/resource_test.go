package control

import (
	"testing"
)

const (
	pathPartText   = "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end."
	noResourceText = "Invalid Resource identifier specified"
)

func patchList(path, opName, list string) string {
	return "Invalid patch path  '" + path + "' specified for op '" + opName + "'. Must be one of: [" + list + "]"
}

func patchNoOps(path, opName string) string {
	return "Invalid patch path  '" + path + "' specified for op '" + opName + "'. Please choose supported operations"
}

// zoo is an API with more resources: /pets/{id}/toys and /files/{proxy+}.
func (p *petAPI) zoo() map[string]string {
	p.t.Helper()
	ids := map[string]string{"/": p.root, "/pets": p.pets}
	for _, r := range [][3]string{{"/pets", "{id}", "/pets/{id}"}, {"/pets/{id}", "toys", "/pets/{id}/toys"}, {"/", "files", "/files"}, {"/files", "{proxy+}", "/files/{proxy+}"}} {
		made := p.do("POST", p.base+"/resources/"+ids[r[0]], map[string]any{"pathPart": r[1]})
		if made["path"] != r[2] {
			p.t.Fatalf("CreateResource: got %v, want path %s", made, r[2])
		}
		ids[r[2]] = made["id"].(string)
	}
	return ids
}

func TestUpdateResource(t *testing.T) {
	const list = "/parentId, /pathPart"
	for _, row := range []struct {
		name, at string // which resource
		ops      []op   // a value of the form ":/path" is the id of that resource
		status   int
		want     string
	}{
		{"rename", "/pets", []op{{"replace", "/pathPart", "cats"}}, 200, `{"pathPart":"cats","path":"/cats"}`},
		{"rename to the same name", "/pets", []op{{"replace", "/pathPart", "pets"}}, 200, `{"path":"/pets"}`},
		{"I no operations", "/pets", nil, 200, `{"path":"/pets"}`},
		{"R move", "/pets/{id}/toys", []op{{"replace", "/parentId", ":/"}}, 200, `{"path":"/toys"}`},
		{"R move a variable", "/pets/{id}", []op{{"replace", "/parentId", ":/"}}, 200, `{"path":"/{id}"}`},
		{"move, then rename", "/pets/{id}/toys", []op{{"replace", "/parentId", ":/files"}, {"replace", "/pathPart", "a"}}, 200, `{"path":"/files/a"}`},
		{"there and back", "/pets/{id}/toys", []op{{"replace", "/pathPart", "a"}, {"replace", "/pathPart", "toys"}}, 200, `{"path":"/pets/{id}/toys"}`},
		{"rename a variable", "/pets/{id}", []op{{"replace", "/pathPart", "{other}"}}, 200, `{"path":"/pets/{other}"}`},
		{"F bad name", "/pets", []op{{"replace", "/pathPart", "a b"}}, 400, pathPartText},
		{"F dollar", "/pets", []op{{"replace", "/pathPart", "a$b"}}, 400, pathPartText},
		{"F comma", "/pets", []op{{"replace", "/pathPart", "a,b"}}, 400, pathPartText},
		{"F characters that are allowed", "/pets", []op{{"replace", "/pathPart", "aZ0._-:"}}, 200, `{"path":"/aZ0._-:"}`},
		{"F empty name", "/pets", []op{{"replace", "/pathPart", ""}}, 400, pathPartText},
		{"F absent name", "/pets", []op{{"replace", "/pathPart", "-"}}, 400, pathPartText},
		{"R name taken", "/pets", []op{{"replace", "/pathPart", "files"}}, 409, "Another resource with the same parent already has this name: files"},
		{"R name taken at the new place", "/pets/{id}/toys", []op{{"replace", "/pathPart", "files"}, {"replace", "/parentId", ":/"}}, 409, "Another resource with the same parent already has this name: files"},
		{"R second variable", "/pets/{id}/toys", []op{{"replace", "/parentId", ":/pets"}, {"replace", "/pathPart", "{x}"}}, 400, "A sibling ({id}) of this resource already has a variable path part -- only one is allowed"},
		{"R below a greedy one", "/pets/{id}/toys", []op{{"replace", "/parentId", ":/files/{proxy+}"}}, 400, "Cannot create a child of a resource with a greedy path variable: {proxy+}"},
		{"greedy with children", "/pets/{id}", []op{{"replace", "/pathPart", "{all+}"}}, 400, "Cannot create a child of a resource with a greedy path variable: {all+}"},
		{"greedy without children", "/pets/{id}/toys", []op{{"replace", "/pathPart", "{all+}"}}, 200, `{"path":"/pets/{id}/{all+}"}`},
		{"R unknown parent", "/pets", []op{{"replace", "/parentId", "nope"}}, 404, noResourceText},
		{"R empty parent", "/pets", []op{{"replace", "/parentId", ""}}, 404, noResourceText},
		{"R absent parent", "/pets", []op{{"replace", "/parentId", "-"}}, 404, noResourceText},
		{"R cycle", "/pets", []op{{"replace", "/parentId", ":/pets/{id}/toys"}}, 400, "Resources cannot be cyclical."},
		{"R own parent", "/pets", []op{{"replace", "/parentId", ":/pets"}}, 400, "Resources cannot be cyclical."},
		{"E root parentId", "/", []op{{"replace", "/parentId", ":/pets"}}, 400, "Root resource cannot update its parentId."},
		{"E root pathPart", "/", []op{{"replace", "/pathPart", "x"}}, 400, "Root resource cannot update its pathPart."},
		{"R unknown path", "/pets", []op{{"replace", "/nope", "x"}}, 400, patchList("/nope", "replace", list)},
		{"R add", "/pets", []op{{"add", "/pathPart", "x"}}, 400, patchNoOps("/pathPart", "add")},
		{"R remove", "/pets", []op{{"remove", "/pathPart"}}, 400, patchNoOps("/pathPart", "remove")},
		{"I copy", "/pets", []op{{"copy", "/pathPart", "-", "/x"}}, 400, patchNoOps("/pathPart", "copy")},
		{"I move op", "/pets", []op{{"move", "/pathPart", "x"}}, 400, patchNoOps("/pathPart", "move")},
		{"absent path", "/pets", []op{{"replace", "-", "x"}}, 400, patchList("null", "replace", list)},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := newPetAPI(t)
			ids := p.zoo()
			for i, o := range row.ops {
				if len(o[2]) > 1 && o[2][0] == ':' {
					row.ops[i][2] = ids[o[2][1:]]
				}
			}
			before := p.call("GET", p.base+"/resources", nil)
			got := p.patch(p.base+"/resources/"+ids[row.at], row.ops...)
			if row.status < 300 {
				wantMembers(t, got, row.status, row.want)
				return
			}
			wantRefusal(t, got, row.status, row.want)
			if after := p.call("GET", p.base+"/resources", nil); after != before {
				t.Errorf("after the refusal: got %v, want as before %v", after, before)
			}
		})
	}
}

// TestMovedSubtree: recorded, /pets/subpets becomes /subpets with all below it.
func TestMovedSubtree(t *testing.T) {
	p := newPetAPI(t)
	ids := p.zoo()
	p.do("PATCH", p.base+"/resources/"+ids["/pets/{id}"], patchBody(op{"replace", "/parentId", p.root}))
	if got := p.do("GET", p.base+"/resources/"+ids["/pets/{id}/toys"], nil)["path"]; got != "/{id}/toys" {
		t.Errorf("path of the child of a moved resource: got %v, want /{id}/toys", got)
	}
	// The old place is free again, and so is the one variable of its parent.
	p.do("POST", p.base+"/resources/"+p.pets, map[string]any{"pathPart": "{again}"})
}

func TestCreateResource(t *testing.T) {
	for _, row := range []struct {
		name, parent, part string
		status             int
		want               string
	}{
		{"R plain", "/", "cats", 201, `{"pathPart":"cats","path":"/cats","resourceMethods":null}`},
		{"F all characters", "/", "aZ0._-:", 201, `{"path":"/aZ0._-:"}`},
		{"R greedy", "/", "{proxy+}", 201, `{"path":"/{proxy+}"}`},
		{"R greedy by any name", "/", "{child+}", 201, `{"path":"/{child+}"}`},
		{"R static beside a variable", "/pets", "static", 201, `{"path":"/pets/static"}`},
		{"R unknown parent", "nope", "a", 404, noResourceText},
		{"F blank", "/", "a b", 400, pathPartText},
		{"F empty", "/", "", 400, pathPartText},
		{"F slash", "/", "a/b", 400, pathPartText},
		{"F half a variable", "/", "{a", 400, pathPartText},
		{"F plus in the middle", "/", "{a+b}", 400, pathPartText},
		{"F brace in the middle", "/", "a{b}", 400, pathPartText},
		{"R below a greedy one", "/files/{proxy+}", "a", 400, "Cannot create a child of a resource with a greedy path variable: {proxy+}"},
		{"path part before a greedy parent", "/files/{proxy+}", "a b", 400, pathPartText},
		{"R second variable", "/pets", "{other}", 400, "A sibling ({id}) of this resource already has a variable path part -- only one is allowed"},
		{"R greedy beside a variable", "/pets", "{other+}", 400, "A sibling ({id}) of this resource already has a variable path part -- only one is allowed"},
		{"R variable beside a greedy one", "/files", "{other}", 400, "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed"},
		{"R same name", "/", "pets", 409, "Another resource with the same parent already has this name: pets"},
		{"R same variable", "/pets", "{id}", 409, "Another resource with the same parent already has this name: {id}"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := newPetAPI(t)
			parent, ok := p.zoo()[row.parent]
			if !ok {
				parent = row.parent
			}
			got := p.call("POST", p.base+"/resources/"+parent, map[string]any{"pathPart": row.part})
			if row.status < 300 {
				wantMembers(t, got, row.status, row.want)
				return
			}
			wantRefusal(t, got, row.status, row.want)
		})
	}
}

func TestDeleteResource(t *testing.T) {
	p := newPetAPI(t)
	ids := p.zoo()
	wantRefusal(t, p.call("DELETE", p.base+"/resources/"+p.root, nil), 400, "Root resource cannot be deleted.")
	if got := p.call("DELETE", p.base+"/resources/"+p.pets, nil); got.status != 202 || got.body != "" {
		t.Errorf("DeleteResource: got %v, want 202 without body", got)
	}
	for _, path := range []string{"/pets", "/pets/{id}", "/pets/{id}/toys"} {
		wantRefusal(t, p.call("GET", p.base+"/resources/"+ids[path], nil), 404, noResourceText)
	}
	wantRefusal(t, p.call("GET", p.method, nil), 404, noResourceText)
	wantRefusal(t, p.call("DELETE", p.base+"/resources/"+p.pets, nil), 404, noResourceText)
}

func TestGetResources(t *testing.T) {
	p := newPetAPI(t)
	p.zoo()
	var paths []string
	for _, item := range p.do("GET", p.base+"/resources", nil)["item"].([]any) {
		paths = append(paths, item.(map[string]any)["path"].(string))
	}
	want := []string{"/", "/files", "/files/{proxy+}", "/pets", "/pets/{id}", "/pets/{id}/toys"}
	if len(paths) != len(want) {
		t.Fatalf("paths: got %v, want %v", paths, want)
	}
	for i := range want {
		if paths[i] != want[i] {
			t.Errorf("paths: got %v, want %v", paths, want)
			break
		}
	}
	wantMembers(t, p.call("GET", p.base+"/resources/"+p.pets, nil), 200, `{"resourceMethods":{"GET":{}}}`)
	whole := p.do("GET", p.base+"/resources/"+p.pets+"?embed=methods", nil)["resourceMethods"].(map[string]any)["GET"].(map[string]any)
	if whole["authorizationType"] != "NONE" {
		t.Errorf("embed=methods: got %v, want the method whole", whole)
	}
	wantRefusal(t, p.call("GET", "/restapis/nope/resources/x", nil), 404, noResourceText)
}

// TestPathPartCharacters: an import takes more than the single calls, and what
// it made can be moved.
func TestPathPartCharacters(t *testing.T) {
	p := newPetAPI(t)
	for _, part := range []string{"a$b", "a,b"} {
		wantRefusal(t, p.call("POST", p.base+"/resources/"+p.root, map[string]any{"pathPart": part}), 400, pathPartText)
	}
	api := p.do("POST", "/restapis?mode=import", `{"swagger":"2.0","info":{"title":"a"},"paths":{"/a$b":{},"/c,d":{},"/e":{}}}`)
	base := "/restapis/" + api["id"].(string) + "/resources"
	ids := map[string]string{}
	for _, r := range p.do("GET", base, nil)["item"].([]any) {
		r := r.(map[string]any)
		ids[r["path"].(string)] = r["id"].(string)
	}
	if len(ids) != 4 {
		t.Fatalf("imported paths: got %v, want four", ids)
	}
	wantMembers(t, p.patch(base+"/"+ids["/a$b"], op{"replace", "/parentId", ids["/e"]}), 200, `{"path":"/e/a$b"}`)
	wantRefusal(t, p.patch(base+"/"+ids["/e"], op{"replace", "/pathPart", "e$"}), 400, pathPartText)
}
