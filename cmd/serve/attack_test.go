package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/serve/internal/guard"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/cmd/serve/internal/training"
)

// lines is a log that a test may read while it is written.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start serves on a free port until the test ends; change may be nil.
func start(t *testing.T, change func(*http.Server)) (addr string, stderr *lines) {
	t.Helper()
	stderr = &lines{}
	nets, err := networks.New()
	if err != nil {
		t.Fatal(err)
	}
	trainings, err := training.New(nets, training.Config{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := newHandler(nets, trainings, []string{"digits.example.org"}, stderr)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := guard.Server(h, stderr)
	if change != nil {
		change(s)
	}
	go s.Serve(guard.Limit(l, maxConnections))
	t.Cleanup(func() { s.Close(); trainings.Close(context.Background()) })
	return l.Addr().String(), stderr
}

// attack is a request, byte by byte. HOST in it is the server's address.
type attack struct {
	name   string
	bytes  string
	status int // of the answer; 0: the connection is closed without one
}

// get is a GET with further lines of the header.
func get(path string, header ...string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: HOST\r\n" + strings.Join(append(header, "", ""), "\r\n")
}

// post is a POST of a body with its length.
func post(path, kind, body string, header ...string) string {
	header = append(header, "Content-Type: "+kind, fmt.Sprintf("Content-Length: %d", len(body)))
	return "POST " + path + " HTTP/1.1\r\nHost: HOST\r\n" + strings.Join(header, "\r\n") + "\r\n\r\n" + body
}

// ask is a POST of JSON to the API, look one to the page's.
func ask(body string) string  { return post("/api/v1/predict", "application/json", body) }
func look(body string) string { return post("/api/look", "application/json", body) }

// form is a POST of n pictures.
func form(n int, head, content string) string {
	var b strings.Builder
	for range n {
		b.WriteString("--b\r\n" + head + "\r\n\r\n" + content + "\r\n")
	}
	return post("/api/v1/predict", "multipart/form-data; boundary=b", b.String()+"--b--\r\n")
}

// png is a PNG file that says that it is of a size, and has no pixels.
func png(width, height uint32) string {
	header := []byte("IHDR")
	header = binary.BigEndian.AppendUint32(header, width)
	header = binary.BigEndian.AppendUint32(header, height)
	header = append(header, 8, 0, 0, 0, 0)
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(header))
	return "\x89PNG\r\n\x1a\n\x00\x00\x00\x0d" + string(header) + string(sum)
}

func attacks() []attack {
	const file = `Content-Disposition: form-data; name="f"; filename="a.png"`
	zeros := "[" + strings.Repeat("0,", 783) + "0]"
	return []attack{
		// HTTP
		{"no HTTP", "hello\r\n\r\n", 400},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400},
		{"HTTP/9.9", "GET / HTTP/9.9\r\nHost: HOST\r\n\r\n", 505},
		{"HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 421},
		{"method of odd characters", "G@T(/ / HTTP/1.1\r\nHost: HOST\r\n\r\n", 400},
		{"header without colon", get("/", "nonsense"), 400},
		{"header with NUL", get("/", "A: \x00"), 400},
		{"space before the colon", get("/", "Transfer-Encoding : chunked"), 400},
		{"header of 100 KB", get("/", "A: "+strings.Repeat("a", 100_000)), 431},
		{"5,000 headers", get("/", strings.Repeat("a: b\r\n", 5000)+"c: d"), 431},
		{"path of 100 KB", get("/" + strings.Repeat("a", 100_000)), 431},
		{"control characters in the path", get("/a\x01b"), 400},
		{"bad escape in the path", get("/%zz"), 400},
		{"expectation", get("/", "Expect: a miracle"), 417},

		// smuggling
		{"two lengths", "POST /api/v1/predict HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", 400},
		{"negative length", "POST /api/v1/predict HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n", 400},
		{"length with a sign", "POST /api/v1/predict HTTP/1.1\r\nHost: HOST\r\nContent-Length: +2\r\n\r\n{}", 400},
		{"length of 30 digits", "POST /api/v1/predict HTTP/1.1\r\nHost: HOST\r\nContent-Length: " + strings.Repeat("9", 30) + "\r\n\r\n", 400},
		{"length and chunks", "POST /api/v1/predict HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n", 400},
		{"unknown encoding", "POST /api/v1/predict HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
		{"chunked twice", "POST /api/v1/predict HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501},
		{"chunk of a huge size", "POST /api/v1/predict HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 400},
		{"chunk of no size", "POST /api/v1/predict HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400},

		// whose request it is
		{"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
		{"two Hosts", "GET / HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n", 400},
		{"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 421},
		{"foreign Host", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
		{"foreign Host, our port", "GET / HTTP/1.1\r\nHost: evil.example:PORT\r\n\r\n", 421},
		{"our Host, another port", "GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", 421},
		{"Host that starts like ours", "GET / HTTP/1.1\r\nHost: localhost.evil.example:PORT\r\n\r\n", 421},
		{"Host that ends like ours", "GET / HTTP/1.1\r\nHost: evil.digits.example.org\r\n\r\n", 421},
		{"absolute URL", "GET http://evil.example/ HTTP/1.1\r\nHost: HOST\r\n\r\n", 421},
		{"foreign Origin", post("/api/v1/predict", "application/json", "{}", "Origin: https://evil.example"), 403},
		{"no origin at all", post("/api/v1/predict", "application/json", "{}", "Origin: null"), 403},
		{"Origin of another port", post("/api/look", "application/json", "{}", "Origin: http://127.0.0.1:1"), 403},
		{"cross-site POST", post("/api/look", "text/plain", "{}", "Sec-Fetch-Site: cross-site"), 403},
		{"same-site POST", post("/api/look", "text/plain", "{}", "Sec-Fetch-Site: same-site"), 403},
		{"cross-site GET of the API", get("/api/networks", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"), 403},

		// paths and methods
		{"unknown path", get("/api/nothing"), 404},
		{"unknown file", get("/nothing.js"), 404},
		{"up from the files", get("/../../etc/passwd"), 404},
		{"up, escaped", get("/%2e%2e/%2e%2e/etc/passwd"), 404},
		{"up, a slash escaped", get("/..%2f..%2fetc/passwd"), 404},
		{"up, backslashes", get(`/..\..\etc\passwd`), 404},
		{"up to the sources", get("/static/../page.go"), 404},
		{"NUL in the path", get("/app.js%00.html"), 404},
		{"double slash", get("//evil.example/"), 404},
		{"DELETE", "DELETE /api/v1/predict HTTP/1.1\r\nHost: HOST\r\n\r\n", 405},
		{"GET of the API", get("/api/v1/predict"), 405},
		{"PUT of a file", "PUT /app.js HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\n\r\n", 405},
		{"POST of the health", post("/healthz", "text/plain", ""), 405},
		{"TRACE", "TRACE / HTTP/1.1\r\nHost: HOST\r\n\r\n", 405},
		{"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n", 400},
		{"CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", 421},
		{"protocol of its own", get("/api/look", "Connection: Upgrade", "Upgrade: websocket"), 405},

		// sizes
		{"length over the bound", "POST /api/v1/predict HTTP/1.1\r\nHost: HOST\r\nContent-Type: image/png\r\nContent-Length: 30000000\r\n\r\n", 413},
		{"over the bound, once allowed", "POST /api/look HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\nContent-Length: 70000\r\n\r\n", 413},
		{"chunks over the bound", "POST /api/look HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("8000\r\n"+strings.Repeat("a", 0x8000)+"\r\n", 3), 413},
		{"JSON over the bound", ask(`{"image":[` + strings.Repeat(" ", 3<<20) + `]}`), 413},

		// JSON
		{"no body", ask(""), 400},
		{"half of JSON", ask(`{"image":[1,2`), 400},
		{"no object", ask(`[1,2]`), 400},
		{"two objects", ask(`{"image":[1]}{"image":[1]}`), 400},
		{"null", ask(`null`), 400},
		{"60,000 deep", ask(strings.Repeat("[", 60_000)), 400},
		{"60,000 deep, in a field", ask(`{"image":` + strings.Repeat(`{"a":`, 12_000)), 400},
		{"unknown field", ask(`{"picture":[1]}`), 400},
		{"broken UTF-8", ask("{\"im\xff\xfeage\":[1]}"), 400},
		{"gzip", ask("\x1f\x8b\x08\x00\x00\x00\x00\x00"), 400},
		{"two fields", ask(`{"image":` + zeros + `,"strokes":[[0,0]]}`), 400},
		{"text for pixels", ask(`{"image":"AAAA"}`), 400},
		{"too few pixels", ask(`{"image":[0]}`), 400},
		{"pixel of 1e999", ask(`{"image":[1e999` + zeros[2:] + `}`), 400},
		{"pixel of 1e300", ask(`{"image":[1e300` + zeros[2:] + `}`), 400},
		{"pixel of -1", ask(`{"image":[-1` + zeros[2:] + `}`), 400},
		{"pixel of 0.5", ask(`{"image":[0.5` + zeros[2:] + `}`), 400},
		{"pixel of NaN", ask(`{"image":[NaN` + zeros[2:] + `}`), 400},
		{"no images", ask(`{"images":[]}`), 400},
		{"101 images", ask(`{"images":[` + strings.Repeat("[],", 100) + `[]]}`), 400},
		{"no strokes", ask(`{"strokes":[]}`), 400},
		{"half a point", ask(`{"strokes":[[0.5,0.5,0.5]]}`), 400},
		{"a point far away", ask(`{"strokes":[[0.5,1e300]]}`), 400},
		{"65 strokes", ask(`{"strokes":[` + strings.Repeat("[0.5,0.5],", 64) + `[0.5,0.5]]}`), 400},
		{"4,001 points", ask(`{"strokes":[[` + strings.Repeat("0.5,0.5,", 4000) + `0.5,0.5]]}`), 400},

		// pictures and forms
		{"type that is none", post("/api/v1/predict", ";;;", "x"), 415},
		{"text", post("/api/v1/predict", "text/plain", "seven"), 415},
		{"text as a picture", post("/api/v1/predict", "image/png", "seven"), 400},
		{"picture of a byte", post("/api/v1/predict", "image/png", "\x89"), 400},
		{"half a picture", post("/api/v1/predict", "image/png", png(28, 28)), 400},
		{"picture of 50,000 x 50,000", post("/api/v1/predict", "image/png", png(50_000, 50_000)), 400},
		{"picture of 2^31 x 1", post("/api/v1/predict", "image/png", png(1<<31, 1)), 400},
		{"GIF of 65,535 x 65,535", post("/api/v1/predict", "image/gif", "GIF89a\xff\xff\xff\xff\x00\x00\x00"), 400},
		{"SVG", post("/api/v1/predict", "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), 400},
		{"form without a boundary", post("/api/v1/predict", "multipart/form-data", "--b--"), 400},
		{"form that does not end", post("/api/v1/predict", "multipart/form-data; boundary=b", "--b\r\n"+file+"\r\n\r\nx"), 400},
		{"form of nothing", form(0, "", ""), 400},
		{"form of a field", form(1, `Content-Disposition: form-data; name="net"`, "twolayer"), 400},
		{"form of 101 pictures", form(101, file, "x"), 400},
		{"form of 50,000 parts", form(50_000, file, ""), 400},
		{"part with a header of 1 MB", form(1, file+"\r\nA: "+strings.Repeat("a", 1<<20), "x"), 400},
		{"part with 20,000 headers", form(1, file+strings.Repeat("\r\nA: b", 20_000), "x"), 400},

		// parameters
		{"unknown network", post("/api/v1/predict?net=../../etc", "application/json", `{"strokes":[[0.5,0.5]]}`), 404},
		{"edited list", post("/api/v1/predict?net=list:1:Flatten", "application/json", `{"strokes":[[0.5,0.5]]}`), 404},
		{"two networks", post("/api/v1/predict?net=onelayer&net=twolayer", "application/json", `{"strokes":[[0.5,0.5]]}`), 400},
		{"unknown parameter", post("/api/v1/predict?debug=1", "application/json", `{"strokes":[[0.5,0.5]]}`), 400},
		{"unknown way", post("/api/v1/predict?prepare=magic", "application/json", `{"strokes":[[0.5,0.5]]}`), 400},
		{"a network too large", get("/api/model?net=list:1:Dense(2000000000)"), 400},
		{"a list of 10 KB", get("/api/model?net=list:1:" + strings.Repeat("Rectify,", 1250)), 400},
		{"a list of nonsense", get("/api/model?net=list:1:%3Cscript%3E"), 400},
		{"a seed of nonsense", get("/api/model?net=list:x:Flatten"), 400},
		{"weights of no network", get("/api/weights?net=none&epoch=1"), 404},
		{"digits beyond the last", get("/api/digits?index=99999999999999999999"), 400},
		{"digits before the first", get("/api/digits?index=-1"), 400},
		{"a picture in no format", get("/api/picture?net=onelayer&graph=forward&format=../../etc/passwd"), 400},

		// the page's own requests
		{"look: no network", look(`{"net":"none"}`), 404},
		{"look: no object", look(`7`), 400},
		{"look: half a point", look(`{"net":"onelayer","strokes":[[0.5]]}`), 400},
		{"look: no such epoch", look(`{"net":"onelayer","epoch":1e9}`), 400},
		{"look: no such example", look(`{"net":"onelayer","example":-1}`), 400},
		{"look: no such class", look(`{"net":"onelayer","explain":[10]}`), 400},
		{"look: too many steps", look(`{"net":"onelayer","step":{"as":4,"times":1000000}}`), 400},
		{"look: no such node", look(`{"net":"onelayer","node":100000}`), 400},
		{"look: 5,000 points", look(`{"net":"onelayer","strokes":[[` + strings.Repeat("0.5,0.5,", 5000) + `0.5,0.5]]}`), 400},

		// trainings
		{"train: no object", post("/api/train", "application/json", "[]"), 400},
		{"train: no list", post("/api/train", "application/json", "{}"), 400},
		{"train: a list of nonsense", post("/api/train", "application/json", `{"list":"Dense(-1)","epochs":1,"batch":1,"rate":0.1,"seed":1}`), 400},
		{"train: a batch of 0", post("/api/train", "application/json", `{"net":"twolayer","epochs":1,"batch":0,"rate":0.1,"seed":1}`), 400},
		{"train: a rate of 1e300", post("/api/train", "application/json", `{"net":"twolayer","epochs":1,"batch":200,"rate":1e300,"seed":1}`), 400},
		{"train: 1e18 epochs", post("/api/train", "application/json", `{"net":"twolayer","epochs":1000000000000000000,"batch":200,"rate":0.1,"seed":1}`), 400},
		{"pause of nothing", post("/api/train/pause", "application/json", `{"paused":true}`), 409},
		{"stop of nothing", post("/api/train/stop", "application/json", "{}"), 409},
		{"stop by a link", get("/api/train/stop"), 405},
	}
}

// TestAttacks: each of many requests that are wrong gets an answer that says so in one
// line, and the server goes on.
func TestAttacks(t *testing.T) {
	addr, stderr := start(t, nil)
	for _, a := range attacks() {
		status, line, err := send(addr, a.bytes)
		t.Logf("%-32s %3d %.100s", a.name, status, line)
		if err != nil || status != a.status {
			t.Errorf("%s: got %d %q and error %v, want %d", a.name, status, line, err, a.status)
		}
		if strings.Contains(line, "\n") || line == "" {
			t.Errorf("%s: got the text %q, want one line", a.name, line)
		}
	}
	if status, _, err := send(addr, get("/healthz")); status != 200 || err != nil {
		t.Errorf("afterwards: got %d and error %v, want 200", status, err)
	}
	if s := stderr.String(); s != "" {
		t.Errorf("standard error: %s", s)
	}
}

// send sends bytes and returns the status and text of the first answer; of an error in
// JSON, its line.
func send(addr, request string) (status int, line string, err error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, "", err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(30 * time.Second)) // far more than it can take
	_, port, _ := net.SplitHostPort(addr)
	request = strings.NewReplacer("HOST", addr, "PORT", port).Replace(request)
	go io.WriteString(c, request) // the answer may come before the end
	return answerOf(c)
}

// answerOf reads an answer. The status is 0 if the connection is closed without one.
func answerOf(c net.Conn) (status int, line string, err error) {
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body) // after an answer to half a request, the connection is reset
	text := strings.TrimSuffix(string(body), "\n")
	if text == "" {
		text = r.Status // what net/http refuses by itself
	}
	if r.Header.Get("Content-Type") == "application/json" && r.StatusCode >= 400 {
		var e struct{ Error string }
		if err := json.Unmarshal(body, &e); err != nil {
			return 0, "", errors.Wrapf(err, "%q", body)
		}
		text = e.Error
	}
	return r.StatusCode, text, nil
}

// TestSlow: who sends a byte now and then is cut off, and others are answered all the
// while. The bounds of time are those of the server, divided by 50.
func TestSlow(t *testing.T) {
	addr, _ := start(t, func(s *http.Server) { s.ReadHeaderTimeout /= 50; s.ReadTimeout /= 50; s.IdleTimeout /= 50 })
	head := "POST /api/v1/predict HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
	attacks := []attack{
		{"a header, byte by byte", head, 400},
		{"nothing at all", "", 0},
		{"half a line", "GET / HT", 400},
		{"a small body, byte by byte", head + "Content-Length: 1000\r\n\r\n", 408},
		{"a large body, byte by byte", head + "Content-Length: 10000000\r\n\r\n", 408},
		{"chunks, byte by byte", head + "Transfer-Encoding: chunked\r\n\r\n", 408},
		{"a look, byte by byte", "POST /api/look HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1000\r\n\r\n", 408},
	}
	var all sync.WaitGroup
	for _, a := range attacks {
		for range 30 { // of all bodies more than may wait, of the large ones fewer
			all.Go(func() {
				c, err := net.Dial("tcp", addr)
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				c.SetDeadline(time.Now().Add(time.Minute)) // the server must end it long before
				stop := make(chan struct{})
				go func() {
					io.WriteString(c, strings.ReplaceAll(a.bytes, "HOST", addr))
					for a.name != "nothing at all" && a.name != "half a line" {
						select {
						case <-stop:
							return
						case <-time.After(20 * time.Millisecond):
							io.WriteString(c, "1")
						}
					}
				}()
				status, line, err := answerOf(c)
				close(stop)
				if errors.Is(err, os.ErrDeadlineExceeded) || err == nil && status != a.status {
					t.Errorf("%s: got %d %q and error %v, want %d", a.name, status, line, err, a.status)
				}
			})
		}
	}
	for range 10 {
		if status, line, err := send(addr, ask(`{"strokes":[[0.4,0.2,0.4,0.8]]}`)); err != nil || status != 200 {
			t.Errorf("meanwhile: got %d %q and error %v, want 200", status, line, err)
		}
	}
	all.Wait()
	if status, line, err := send(addr, ask(`{"strokes":[[0.4,0.2,0.4,0.8]]}`)); status != 200 || err != nil {
		t.Errorf("afterwards: got %d %q and error %v, want 200", status, line, err)
	}
}
