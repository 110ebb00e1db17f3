package grid

import (
	"io"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/runs/training"
	"tapenet/cmd/internal/sealed"
)

// planFormat is that of the file of a plan.
const planFormat = "tapenet sweep 1"

// Plan says which runs a folder is to have.
type Plan struct {
	Grid   map[string]string `json:"grid"` // the Values of a grid
	Images training.Images   `json:"images"`
}

// Name returns the name of the file of a plan: another plan has another.
func (p Plan) Name() string { return "plan_" + sealed.Tag(p) + ".json" }

// Write writes the file of a plan.
func (p Plan) Write(w io.Writer) error { return sealed.Write(w, planFormat, p) }

// ReadPlan reads a file that Write wrote. Any other is an error.
func ReadPlan(r io.Reader) (Plan, error) {
	p, err := sealed.Read[Plan](r, planFormat)
	if err == nil {
		err = errors.WithMessage(p.Images.Check(), "images")
	}
	if err != nil {
		return Plan{}, err
	}
	return p, nil
}

// List returns the runs of a plan, in order.
func (p Plan) List() ([]training.Settings, error) {
	g, err := FromValues(p.Grid)
	if err != nil {
		return nil, err
	}
	return g.List(p.Images)
}
