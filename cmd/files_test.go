package cmd

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestOneFileForTwoFlags: two flags that name one file, by whatever paths, are
// refused before anything is written. Inputs and devices may be named twice.
func TestOneFileForTwoFlags(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	in := func(name string) string { return dir + "/" + name }
	if err := os.Mkdir(in("e"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, in("e/old"), []byte("old"))
	for name, to := range map[string]string{"e2": "e", "e/z": "x", "t2": "t"} {
		if err := os.Symlink(to, in(name)); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Link(in("e/old"), in("hard.csv")); err != nil {
		t.Skip(err)
	}
	for _, args := range [][]string{
		{"-save", in("e/x"), "-checkpoint", in("e2/x")},
		{"-save", in("e/x"), "-save-best", in("e/z")},
		{"-save", in("e2/z"), "-dot", in("e/../e2/x")},
		{"-save", in("e/old"), "-history", in("hard.csv")},
		{"-save", in("e/.c.lock"), "-checkpoint", in("e2/c")},
		{"-save", in("t"), "-tensorboard", in("t2")},
		{"-dot", in("t/train"), "-tensorboard", in("t2/../t")},
		{"-dot", in("e/train"), "-tensorboard", in("e2")},
	} {
		_, stderr, status := run(t, "twolayer", append(args, "-data", data, "-epochs", "0")...)
		if status != 2 || !strings.Contains(stderr, ": already ") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: got exit status %d and %q, want 2 and one line", args, status, stderr)
		}
	}
	if got := string(read(t, in("e/old"))); got != "old" {
		t.Errorf("a file became %q", got)
	}
	if _, err := os.Stat(in("e/x")); err == nil {
		t.Error("a file was made")
	}
	must(t, "twolayer", "-data", data, "-epochs", "0", "-save", in("e/w"))
	must(t, "twolayer", "-data", data, "-epochs", "0", "-init", in("e/w"), "-save", in("e2/w"))
	if _, err := os.Stat("/dev/null"); err == nil {
		must(t, "twolayer", "-data", data, "-epochs", "0", "-save", "/dev/null", "-dot", "/dev/null")
	}
}

// TestCheckpointThroughALink: a link to a file that is not there yet stays one.
func TestCheckpointThroughALink(t *testing.T) {
	dir := t.TempDir()
	link, file := filepath.Join(dir, "link"), filepath.Join(dir, "file")
	if err := os.Symlink("file", link); err != nil {
		t.Skip(err)
	}
	args := []string{"-data", smallData(t), "-epochs", "1", "-checkpoint", link}
	must(t, "twolayer", args...)
	must(t, "twolayer", append(args, "-resume")...)
	if to, err := os.Readlink(link); err != nil || to != "file" || len(read(t, file)) == 0 {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}

// shell executes a script with the built commands in its path, the data in
// $DATA and dir as its folder.
func shell(t *testing.T, name, dir, script string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, path, "-euc", script)
	c.Dir = dir
	c.Env = append(os.Environ(), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"), "DATA="+smallData(t))
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", script, err, out)
	}
	return string(out)
}

// TestUmask: no output has a permission that the umask forbids.
func TestUmask(t *testing.T) {
	dir := t.TempDir()
	shell(t, "sh", dir, `umask 077
twolayer -data "$DATA" -epochs 1 -verbose 0 -save a -export a.onnx -save-best b -checkpoint c -dot d -history e.csv -tensorboard f
graph -o g.svg
env export -o g.onnx
compare -data "$DATA" -epochs 1 -only 2 -o h`)
	found := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		found++
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil || found < 17 {
		t.Errorf("got %d files, %v", found, err)
	}
}

// TestPipesWithBothEnds: weights come from one pipe and go into another.
func TestPipesWithBothEnds(t *testing.T) {
	dir := t.TempDir()
	shell(t, "sh", dir, `mkfifo in out
twolayer -data "$DATA" -epochs 0 -seed 7 -save w
cat w > in & cat out > got &
twolayer -data "$DATA" -epochs 0 -init in -save out
wait`)
	if got, want := read(t, dir+"/got"), read(t, dir+"/w"); !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, want the same %d that went in", len(got), len(want))
	}
}

// TestOutputToStandardOutput: a picture that is written to the standard output is
// whole and in its place, whatever the standard output is.
func TestOutputToStandardOutput(t *testing.T) {
	if _, err := os.Stat("/dev/stdout"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	const command = `twolayer -data "$DATA" -epochs 0 -dot `
	shell(t, "sh", dir, command+`want.dot > want.out`)
	// Each run has its own folder of data, which the DOT's comment names.
	written := regexp.MustCompile(`(?m)^// written by: go run ./cmd/graph .*\n`)
	want := written.ReplaceAll(append(read(t, dir+"/want.dot"), read(t, dir+"/want.out")...), nil)
	if !bytes.Contains(want, []byte("}\nAccuracy: ")) {
		t.Fatalf("got %q", want)
	}
	for _, test := range []struct{ name, shell, script string }{
		{"file", "sh", `{ echo before; ` + command + `/dev/stdout; echo after; } > got`},
		{"appended file", "sh", `echo before > got; { ` + command + `/dev/stdout; echo after; } >> got`},
		{"pipe", "sh", `{ echo before; ` + command + `/dev/stdout; echo after; } | cat > got`},
		{"by number", "sh", `{ echo before; ` + command + `/dev/fd/1; echo after; } > got`},
		{"by the file's own name", "sh", `{ echo before; ` + command + `got; echo after; } > got`},
		{"by a link", "sh", `ln -s got link; { echo before; ` + command + `link; echo after; } > got`},
		{"by another number", "sh", `{ echo before; ` + command + `/dev/fd/3; echo after; } > got 3>&1`},
		{"process substitution", "bash", `echo before > got; ` + command + `>(cat >> got; echo done > done) > rest; until [ -s done ]; do :; done; cat rest >> got; echo after >> got`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			shell(t, test.shell, dir, test.script)
			if got := written.ReplaceAll(read(t, dir+"/got"), nil); string(got) != "before\n"+string(want)+"after\n" {
				t.Errorf("got %d bytes:\n%.200s", len(got), got)
			}
		})
	}
}
