package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"tapenet/cmd/serve/internal/guard"
)

// TestDocs: the lines of curl with JSON in docs/serve.md get an answer, and its numbers
// are those of the code.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/serve.md")
	if err != nil {
		t.Fatal(err)
	}
	addr, _ := start(t, nil)
	calls := regexp.MustCompile(`(?m)^    curl -H 'Content-Type: (application/json)' -d '([^']+)' http://127\.0\.0\.1:8080(\S+)$`).FindAllStringSubmatch(string(text), -1)
	for _, c := range calls {
		if status, line, err := send(addr, post(c[3], c[1], c[2])); status != 200 || err != nil {
			t.Errorf("%s: got %d %q and error %v, want 200", c[0], status, line, err)
		} else if !strings.Contains(line, `"class":7,"name":"7"`) {
			t.Errorf("%s: got %s, want a 7", c[0], line)
		}
	}
	if len(calls) != 2 || strings.Count(string(text), "application/json") != 2 {
		t.Errorf("docs/serve.md has %d lines of curl with JSON, want 2", len(calls))
	}
	s := guard.Server(nil, nil)
	for _, want := range []string{
		"over 16 KB", "over 5 s", "over 30 s", "At most 512 connections", "http://" + defaultAddr + "/",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("docs/serve.md does not say %q", want)
		}
	}
	if s.MaxHeaderBytes != 16<<10 || s.ReadHeaderTimeout.Seconds() != 5 || s.ReadTimeout.Seconds() != 30 || maxConnections != 512 {
		t.Error("the bounds are others than docs/serve.md says")
	}
}
