package command

import (
	"bufio"
	"context"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"
)

// completions are the words after the command that a person types before the Tab
// key, and those that are there after it, with a | between. In the folder are
// log.txt, logs/ and "a net.npz".
var completions = []completion{
	{"-choice b", "-choice|bravo"},
	{"-choice=b", "-choice=bravo"},
	{"-choice x", "-choice|x"},
	{"-only ", "-only|one"},
	{"-only=", "-only=one"},
	{"-togg", "-toggle"},
	{"-toggle a", "-toggle|a net.npz"},
	{"-toggle f", "-toggle|f"},
	{"-toggle -choice c", "-toggle|-choice|charlie"},
	{"-file a", "-file|a net.npz"},
	{"-file=a", "-file=a net.npz"},
	{"-folder lo", "-folder|logs"},
	{"-count lo", "-count|lo"},
	{"a", "a net.npz"},
}

// equals are further ones, which fish does not know.
var equals = []completion{{"-toggle=f", "-toggle=false"}, {"-always=", "-always=true"}, {"-folder=lo", "-folder=logs"}}

type completion struct{ typed, want string }

// script returns the script for a command named tool.
func script(t *testing.T, shell string) string {
	t.Helper()
	var count int
	var toggle, always bool
	var file, folder, choice, only string
	fs := flag.NewFlagSet("tool", flag.ContinueOnError)
	fs.Var(Count(&count, 1), "count", "do it `N` times")
	fs.Var(Toggle(&toggle), "toggle", `do it [too\]: 'twice'`)
	fs.Var(value[bool]{&always, nil, []string{"true"}}, "always", "do it always")
	fs.Var(Name(&file), "file", "write `file`")
	fs.Var(Name(&folder), "folder", `write into a\b's `+"`folder`")
	fs.Var(Choice(&choice, "alpha", "bravo", "charlie"), "choice", "do `what`")
	fs.Var(Choice(&only, "one"), "only", "do `what` alone")
	var out strings.Builder
	if _, err := Parse(fs, []string{"-count", "3", "-completion", shell}, "", &out); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	return out.String()
}

// folder is a folder with the script of a shell and the files of completions.
func folder(t *testing.T, shell string) string {
	t.Helper()
	if _, err := exec.LookPath(shell); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"log.txt": "", "a net.npz": "", ".script": script(t, shell)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestInteractive types in shells on terminals, and looks at what they then
// execute.
func TestInteractive(t *testing.T) {
	terminal, err := exec.LookPath("script")
	if err != nil {
		t.Skip(err)
	}
	for shell, start := range map[string]string{
		"bash": "exec bash --norc --noprofile -i",
		"zsh":  "exec zsh -f -i",
	} {
		t.Run(shell, func(t *testing.T) {
			dir := folder(t, shell)
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // far more than it can take
			defer cancel()
			c := exec.CommandContext(ctx, terminal, "-qec", start, os.DevNull)
			c.Dir, c.Env = dir, append(os.Environ(), "TERM=dumb", "PS1=", "HISTFILE=")
			keys, err := c.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			screen, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Skip(err)
			}
			defer c.Wait()
			defer keys.Close()
			lines := bufio.NewScanner(screen)
			// answer types a line and returns what is printed between « and ».
			answer := func(line string) string {
				io.WriteString(keys, line+"\n")
				for lines.Scan() {
					if _, text, ok := strings.Cut(lines.Text(), "«"); ok {
						if text, _, ok := strings.Cut(text, "»"); ok {
							return text
						}
					}
				}
				t.Fatalf("%q: the shell has ended", line)
				return ""
			}
			if shell == "zsh" {
				io.WriteString(keys, "autoload -U compinit; compinit -u -D\n")
			}
			// In the line that is typed, no « is before a ».
			io.WriteString(keys, `l=$(printf '\302\253') r=$(printf '\302\273')`+"\n")
			io.WriteString(keys, `tool() { local IFS='|'; echo "$l$*$r"; }`+"\n")
			if got := answer(". ./.script; tool ready"); got != "ready" {
				t.Fatalf("got %q, want ready", got)
			}
			for _, test := range append(completions, equals...) {
				if got := answer("tool " + test.typed + "\t"); strings.TrimSuffix(got, "/") != test.want { // zsh takes a last / back
					t.Errorf("%q: got %q, want %q", test.typed, got, test.want)
				}
			}
		})
	}
}

// TestFish asks fish what it would complete to.
func TestFish(t *testing.T) {
	dir := folder(t, "fish")
	for _, test := range completions {
		c := exec.Command("fish", "--no-config", "-c", `source ./.script; complete -C "$argv[1]"`, "tool "+test.typed)
		c.Dir = dir
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Split(test.typed, " ")
		if candidate, _, ok := strings.Cut(string(out), "\n"); ok {
			words[len(words)-1], _, _ = strings.Cut(candidate, "\t")
		}
		if got := strings.Join(words, "|"); strings.TrimSuffix(got, "/") != test.want || strings.Count(string(out), "\n") > 1 {
			t.Errorf("%q: got %q of %q, want %q", test.typed, got, out, test.want)
		}
	}
}
