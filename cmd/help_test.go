package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// helpColumns is the width of the terminals that the help is written for.
const helpColumns = 80

// TestHelpFits: no line of a command's -h is wider than helpColumns.
func TestHelpFits(t *testing.T) {
	for _, name := range commands(t) {
		for line := range strings.Lines(must(t, name, "-h")) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > helpColumns {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
	}
}

// TestCompletionOfAll: every command completes the flags that its -h has.
func TestCompletionOfAll(t *testing.T) {
	for _, name := range commands(t) {
		help, script := must(t, name, "-h"), must(t, name, "-completion", "fish")
		flags := 0
		for line := range strings.Lines(help) {
			flag, ok := strings.CutPrefix(line, "  -")
			if !ok {
				continue
			}
			flags++
			if want := "complete -c " + name + " -o " + strings.Fields(flag)[0] + " "; !strings.Contains(script, want) {
				t.Errorf("%s: the script has no %q", name, want)
			}
		}
		if got := strings.Count(script, "complete -c "); got != flags || flags == 0 {
			t.Errorf("%s: the script has %d flags, the help %d", name, got, flags)
		}
	}
}

// commands are the names of all commands.
func commands(t *testing.T) (names []string) {
	t.Helper()
	built, err := os.ReadDir(bin)
	if err != nil || len(built) == 0 {
		t.Fatalf("got %d commands, error %v", len(built), err)
	}
	for _, c := range built {
		names = append(names, strings.TrimSuffix(c.Name(), filepath.Ext(c.Name())))
	}
	return names
}
