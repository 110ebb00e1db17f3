package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tapenet/graph"
)

// TestMain makes the test binary the programs that bench starts: bench itself,
// and a peer.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "bench":
			os.Args = append(os.Args[:1], os.Args[2:]...)
			main()
		case "serve":
			if how := os.Getenv(fakeChild); how != "" {
				fakePeer(how, graph.Level())
				os.Exit(0)
			}
			main()
		case "fakepeer":
			fakePeer(os.Args[2], "Fake 1.0")
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// fakeChild is the environment variable that says how bench's own children fail.
const fakeChild = "TAPENET_FAKE_CHILD"

// fakePeer is a peer that takes 1, 2, 3, … seconds, or fails in some way. It
// leaves a file pid-N in the folder of the data, and a file hangs-N before it hangs.
func fakePeer(how, about string) {
	data := os.Args[slices.Index(os.Args, "--data")+1]
	leave := func(name string) {
		if err := os.WriteFile(fmt.Sprintf("%s/%s-%d", data, name, os.Getpid()), nil, 0o600); err != nil {
			panic(err)
		}
	}
	hang := func() {
		leave("hangs")
		time.Sleep(time.Hour)
	}
	leave("pid")
	switch how {
	case "flood":
		for {
			fmt.Println("hello")
		}
	case "endless":
		for {
			fmt.Print(strings.Repeat("hello", 1000))
		}
	case "sleeps":
		hang()
	case "orphan": // ends, and leaves a process that holds its output open
		child := exec.Command(os.Args[0], "fakepeer", "beats", "--data", data)
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			panic(err)
		}
		for left, _ := filepath.Glob(data + "/beats"); left == nil; left, _ = filepath.Glob(data + "/beats") {
			time.Sleep(time.Millisecond)
		}
		os.Exit(5)
	case "beats":
		f, err := os.Create(data + "/beats")
		if err != nil {
			panic(err)
		}
		for range 30000 { // for five minutes, should nobody end it
			f.WriteString("x")
			time.Sleep(10 * time.Millisecond)
		}
	case "crash":
		fmt.Fprintln(os.Stderr, "Traceback:\nno module named torch")
		os.Exit(3)
	case "silent":
		return
	case "title":
		about = "Fake\x1b]0;pwn\x07"
	case "babble":
		fmt.Println("hello")
	}
	if i := len(os.Args) - 8; os.Args[1] == "fakepeer" && (i < 0 || strings.Join(os.Args[i:i+7], " ") != "--network twolayer --batch 20 --threads 2 --data") {
		fmt.Println("flags", os.Args)
	}
	fmt.Println("ready", about)
	seconds := 0
	for lines := bufio.NewScanner(os.Stdin); lines.Scan() && lines.Text() == "epoch"; {
		seconds++
		switch how {
		case "nonsense":
			fmt.Println("soon")
		case "dies":
			os.Exit(4)
		case "hangs":
			hang()
		case "panics":
			panic("no memory")
		case "NaN", "Inf", "-1", "0", "1e-300", "1e300", "86400", "\x1b[2J":
			fmt.Println(how)
		default:
			fmt.Println(seconds)
		}
	}
	if how == "deaf" {
		hang()
	}
}

// TestPeer: epochs in turns, and a ratio for each pair.
func TestPeer(t *testing.T) {
	b := tiny(t)
	b.peer = os.Args[0] + " fakepeer good"
	var out bytes.Buffer
	if err := b.run(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Peer) != 1 {
		t.Fatalf("got %d matches, want 1", len(r.Peer))
	}
	m := r.Peer[0]
	if m.Peer != "Fake 1.0" || fmt.Sprint(m.Theirs) != "[1 2]" || len(m.Ours) != 2 {
		t.Errorf("got %+v", m)
	}
	for i, ratio := range m.Ratios {
		if want := m.Theirs[i] / m.Ours[i]; ratio != want {
			t.Errorf("pair %d: got ratio %v, want %v", i, ratio, want)
		}
	}
	if want := spreadOf(m.Ratios); m.Ratio != want {
		t.Errorf("got %v, want %v", m.Ratio, want)
	}
}

// TestServe: an unknown line is an error, the end of the input is none.
func TestServe(t *testing.T) {
	b := tiny(t)
	for input, want := range map[string]string{"epoch\n": "<nil>", "quit\nepoch\n": "<nil>", "hello\n": `got "hello", want epoch or quit`} {
		var stdout bytes.Buffer
		err := run(context.Background(), []string{"serve", "--network", "twolayer", "--data", b.dir}, strings.NewReader(input), &stdout, io.Discard)
		if fmt.Sprint(err) != want || !strings.HasPrefix(stdout.String(), "ready ") {
			t.Errorf("%q: got error %v and %q, want %s", input, err, stdout.String(), want)
		}
	}
}
