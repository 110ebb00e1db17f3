package result

import (
	"encoding/json"
	"io"

	"github.com/pkg/errors"
)

// Plan says which runs a folder is to have.
type Plan struct {
	Grid   map[string]string `json:"grid"` // the Values of a grid
	Images Images            `json:"images"`
}

// Name returns the name of the file of a plan: another plan has another.
func (p Plan) Name() string {
	text, _ := json.Marshal(p) // with the keys in order
	return "plan_" + hash(text)[:hashDigits] + ".json"
}

// Write writes the file of a plan.
func (p Plan) Write(w io.Writer) error { return write(w, planFormat, p) }

// ReadPlan reads a file that Write wrote. Any other is an error. Whether Grid is
// that of a grid, package grid says.
func ReadPlan(r io.Reader) (Plan, error) {
	p, err := read[Plan](r, planFormat)
	if err == nil {
		err = errors.WithMessage(p.Images.check(), "images")
	}
	if err != nil {
		return Plan{}, err
	}
	return p, nil
}
