package weights

import (
	"io"

	"tapenet/graph"
)

// Save writes the vector of all parameters of net in the safetensors format:
// F32, one tensor a parameter, in PyTorch's names and layout, so that PyTorch's
// load_state_dict takes it.
func Save(w io.Writer, net *graph.Network, weights []float32) error {
	meta := map[string]string{"format": "pt"} // PyTorch's mark, which transformers insists on
	return Tensors{Meta: meta, Vectors: map[string][]float32{"": weights}}.Write(w, net)
}

// Load reads a vector of all parameters of net from the safetensors format, as
// Save or PyTorch writes it. It has the errors of ReadTensors.
func Load(r io.Reader, net *graph.Network) ([]float32, error) {
	t, err := ReadTensors(r, net, "")
	return t.Vectors[""], err
}
