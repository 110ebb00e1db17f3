package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestMain lets the test binary be the programs that bench starts: itself, and a
// peer.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "serve":
			main()
		case "fakepeer":
			fakePeer(os.Args[2])
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

// fakePeer is a peer that takes 1, 2, 3, … seconds, or fails in some way.
func fakePeer(how string) {
	switch how {
	case "crash":
		fmt.Fprintln(os.Stderr, "Traceback:\nno module named torch")
		os.Exit(3)
	case "silent":
		return
	case "babble":
		fmt.Println("hello")
	}
	if i := len(os.Args) - 8; i < 0 || strings.Join(os.Args[i:i+7], " ") != "--network twolayer --batch 20 --threads 2 --data" {
		fmt.Println("flags", os.Args)
	}
	fmt.Println("ready Fake 1.0")
	seconds := 0
	for lines := bufio.NewScanner(os.Stdin); lines.Scan() && lines.Text() == "epoch"; {
		seconds++
		switch how {
		case "nonsense":
			fmt.Println("soon")
		case "dies":
			os.Exit(4)
		default:
			fmt.Println(seconds)
		}
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

func TestPeerErrors(t *testing.T) {
	b := tiny(t)
	self := os.Args[0]
	tests := []struct{ command, want string }{
		{"/no/such/program", "no such file"},
		{self + " fakepeer crash", self + ": exit status 3: no module named torch"},
		{self + " fakepeer silent", self + ": ended without an answer"},
		{self + " fakepeer babble", self + `: got "hello", want ready`},
		{self + " fakepeer nonsense", self + `: got "soon", want the seconds of an epoch`},
		{self + " fakepeer dies", self + ": exit status 4"},
	}
	for _, test := range tests {
		b.peer = test.command
		var out bytes.Buffer
		err := b.run(context.Background(), &out)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", test.command, err, test.want)
		}
	}
}

// TestServe: an unknown line is an error, the end of the input is none.
func TestServe(t *testing.T) {
	b := tiny(t)
	for input, want := range map[string]string{"epoch\n": "<nil>", "quit\nepoch\n": "<nil>", "hello\n": `got "hello", want epoch or quit`} {
		var stdout bytes.Buffer
		err := run(context.Background(), []string{"serve", "--network", "twolayer", "--data", b.dir}, strings.NewReader(input), &stdout)
		if fmt.Sprint(err) != want || !strings.HasPrefix(stdout.String(), "ready ") {
			t.Errorf("%q: got error %v and %q, want %s", input, err, stdout.String(), want)
		}
	}
}
