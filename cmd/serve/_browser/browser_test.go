// Package browser drives the page of command serve in Chromium, as a person would: it
// draws on the pad, presses keys and reads what the canvases show. It is a module of its
// own, so that chromedp is no dependency of the module it tests:
//
//	go test -C cmd/serve/_browser
//
// The tests are skipped where Chromium is not installed. The environment adds two things:
// TAPENET_AXE is the path of axe.min.js of axe-core, which checks the accessibility, and
// TAPENET_SHOTS a folder for pictures of all tabs.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var (
	program string          // the built command
	shared  *server         // of all tests that do not end it
	chrome  context.Context // nil without Chromium
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		code = 1
	}
	os.Exit(code)
}

// run builds and starts the command, and Chromium, for all tests.
func run(m *testing.M) (int, error) {
	path := chromium()
	if path == "" {
		return m.Run(), nil // each test says why it is skipped
	}
	folder, err := os.MkdirTemp("", "browser")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	program = filepath.Join(folder, "serve")
	build := exec.Command("go", "build", "-o", program, "./cmd/serve")
	build.Dir = "../../.."
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	if shared, err = start("127.0.0.1:0"); err != nil {
		return 0, err
	}
	defer shared.stop()

	// No other name has an address: what asks another host fails.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(folder, "user")),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	all, end := chromedp.NewExecAllocator(context.Background(), options...)
	defer end()
	ctx, end := chromedp.NewContext(all)
	defer end()
	if err := chromedp.Do(ctx); err != nil {
		return 0, err
	}
	chrome = ctx
	return m.Run(), nil
}

// chromium is the path of the browser, "" if there is none.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
