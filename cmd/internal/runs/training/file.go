package training

import (
	"fmt"
	"io"
	"strings"

	"tapenet/cmd/internal/sealed"
)

// format is that of the file of a run.
const format = "tapenet run 1"

// Name returns the name of the file of a run: what people look for, and a hash of
// every setting, such as twolayer_batch200_lr0.001_epochs10_seed3_0123456789ab.json.
func (s Settings) Name() string {
	return fmt.Sprintf("%s_seed%d_%s.json", strings.NewReplacer(", ", "_", " ", "").Replace(s.String()), s.Seed, sealed.Tag(s))
}

// Write writes the file of a run.
func (r Run) Write(w io.Writer) error { return sealed.Write(w, format, r) }

// Read reads a file that Write wrote, and checks the run. Any other is an error, as
// for [sealed.Read].
func Read(r io.Reader) (Run, error) {
	run, err := sealed.Read[Run](r, format)
	if err == nil {
		err = run.Check()
	}
	if err != nil {
		return Run{}, err
	}
	return run, nil
}
