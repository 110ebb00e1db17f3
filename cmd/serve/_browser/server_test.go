package browser

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// server is a running command.
type server struct {
	address string // http://127.0.0.1:1234
	command *exec.Cmd
	stderr  bytes.Buffer
}

// start runs the command on an address, HOST:PORT.
func start(address string) (*server, error) {
	checkpoint := filepath.Join(filepath.Dir(program), fmt.Sprintf("training%d.safetensors", os.Getpid()))
	s := &server{command: exec.Command(program, "-addr", address, "-checkpoint", checkpoint)}
	s.command.Stderr = &s.stderr
	stdout, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("%w: %s", err, s.stderr.String())
	}
	s.address = strings.TrimRight(line, "/\n")
	return s, nil
}

// stop ends it at once.
func (s *server) stop() {
	s.command.Process.Kill()
	s.command.Wait()
}

// tensor is a place in a block of a look or of the weights.
type tensor struct {
	Name         string
	Shape        []int
	Offset, Size int
	Scale        float64
}

// model is what GET /api/model says of a network, as far as the tests need it.
type model struct {
	List   string
	Layers []struct {
		Name, Text, Kind string
		Params           []string
		Op               int
	}
	Ops                       []struct{ Layers []string }
	Values, Grads, Parameters []tensor
	Tape                      []struct {
		Layer, Value string
		Grad         bool
		Last         int
	}
}

func (s *server) model(t *testing.T, key string) model {
	t.Helper()
	var m model
	if err := json.Unmarshal(s.get(t, "/api/model?net="+url.QueryEscape(key)), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// get returns the body of an answer.
func (s *server) get(t *testing.T, path string) []byte {
	t.Helper()
	r, err := http.Get(s.address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: got status %d, %s, %v", path, r.StatusCode, body, err)
	}
	return body
}

// named is the tensor of a name.
func named(t *testing.T, all []tensor, name string) tensor {
	t.Helper()
	for _, v := range all {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("got no tensor %q", name)
	return tensor{}
}

// weights are those of a network after an epoch.
func (s *server) weights(t *testing.T, key string, epoch int) []float64 {
	t.Helper()
	body := s.get(t, fmt.Sprintf("/api/weights?net=%s&epoch=%d", url.QueryEscape(key), epoch))
	values := make([]float64, len(body)/4)
	for i := range values {
		values[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(body[4*i:])))
	}
	return values
}
