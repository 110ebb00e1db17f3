package live

import (
	"context"
	"encoding/binary"
	"math"

	"github.com/pkg/errors"

	"tapenet/cmd/serve/internal/answer"
)

// The flags of an answer: which blocks it has beside values and tape.
const (
	hasGrads = 1 << iota
	hasHeavy
	hasNode
	hasWeights
)

// An answer starts with a header:
//
//	seq, flags   uint32
//	Scale, DX, DY of the page, and the difference of the lowerings   float32
//	µs of the look in the server   uint32
//	label   int32
const (
	headerSize = 32
	microsAt   = 24
)

// numbersOfInstruction: µs, and the least and the greatest value of its result.
const numbersOfInstruction = 3

// look runs what the sight asks for and returns the answer, but for its µs. The caller
// has the model's turn. It ends early if ctx does.
func (m *model) look(ctx context.Context, s *sight) ([]byte, error) {
	if s.Node != nil && (*s.Node < 0 || *s.Node >= m.nodes) {
		return nil, answer.Wrong("node", "got node %d, want 0 to %d", *s.Node, m.nodes-1)
	}
	if err := ctx.Err(); err != nil {
		return nil, errors.WithStack(err)
	}
	if err := m.at(s.epoch); err != nil {
		return nil, err
	}
	m.show(s.pixels)
	if s.Step != nil {
		if err := m.learn(ctx, s.Step.As, s.steps); err != nil {
			return nil, err
		}
	}
	if err := m.probe.Run(s.selector); err != nil {
		return nil, err
	}
	difference, err := m.difference()
	if err != nil {
		return nil, err
	}
	return m.encode(s, difference), nil
}

// encode writes the last run as an answer.
func (m *model) encode(s *sight, difference float32) []byte {
	d := m.about
	size := d.Blocks.Values + d.Blocks.Tape + d.Blocks.Grads
	if s.Heavy {
		size += d.Blocks.Heavy
	}
	if s.Step != nil {
		size += d.Blocks.Weights
	}
	b := make([]byte, headerSize, headerSize+4*size)
	for _, t := range d.Values {
		b = floats(b, m.probe.Result(t.Name))
	}
	for _, t := range d.Winners {
		b = floats(b, numbers(m.probe.Winners(t.Name)))
	}
	b = floats(b, m.tape())
	var flags uint32
	if s.selector != nil {
		flags |= hasGrads
		for _, t := range d.Grads {
			b = floats(b, m.probe.Gradient(t.Name))
		}
	}
	if s.Heavy {
		flags |= hasHeavy
		for _, t := range d.Heavy {
			b = floats(b, m.probe.Gradient(t.Name))
		}
	}
	if s.Node != nil {
		if v := m.probe.Value(*s.Node); v != nil {
			flags |= hasNode
			b = floats(b, v)
		}
	}
	if s.Step != nil {
		flags |= hasWeights
		b = floats(b, m.values)
	}
	h := b[:0]
	h = binary.LittleEndian.AppendUint32(h, s.Seq)
	h = binary.LittleEndian.AppendUint32(h, flags)
	h = floats(h, []float32{float32(s.page.Scale), float32(s.page.DX), float32(s.page.DY), difference})
	h = binary.LittleEndian.AppendUint32(h, 0) // µs
	binary.LittleEndian.AppendUint32(h, uint32(s.label))
	return b
}

// numbers are winners as float32s, exact below 2^24.
func numbers(winners []int32) []float32 {
	v := make([]float32, len(winners))
	for i, w := range winners {
		v[i] = float32(w)
	}
	return v
}

// tape has the numbers of each instruction, NaN for one that did not run.
func (m *model) tape() []float32 {
	var v []float32
	for _, i := range m.probe.Tape() {
		values := m.probe.Value(i.Node)
		if len(values) == 0 {
			nan := float32(math.NaN())
			v = append(v, nan, nan, nan)
			continue
		}
		least, most := values[0], values[0]
		for _, x := range values {
			if x < least {
				least = x
			}
			if x > most {
				most = x
			}
		}
		v = append(v, float32(i.Time.Nanoseconds())/1000, least, most)
	}
	return v
}
