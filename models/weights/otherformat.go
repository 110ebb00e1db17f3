package weights

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// otherFormat says in words what a file is that is no safetensors file, by its
// first bytes: all of them if they are few.
func otherFormat(start []byte) string {
	const torch = `; in Python, safetensors.torch.save_file(model.state_dict(), "net.safetensors") writes one`
	const whole = ", which is read only as a whole and for a known network" // by Import
	starts := func(with ...string) bool {
		for _, w := range with {
			if bytes.HasPrefix(start, []byte(w)) {
				return true
			}
		}
		return false
	}
	has := func(part string) bool { return bytes.Contains(start, []byte(part)) }
	text := strings.TrimSpace(strings.TrimPrefix(string(start), "\ufeff"))
	page := strings.ToLower(text)
	switch {
	case len(start) == 0:
		return "it is empty"
	case starts("PK\x03\x04", "PK\x05\x06"):
		switch {
		case has("/data.pkl"):
			return "it is PyTorch's .pt or .pth (a zip)" + torch
		case has(".npy"):
			return "it is NumPy's .npz" + whole
		case has("model.weights.h5") || has("config.json") && has("metadata.json"):
			return "it is Keras's .keras (a zip)" + whole
		}
		return "it is a zip"
	case start[0] == 0x80 && len(start) > 1 && 2 <= start[1] && start[1] <= 5:
		return "it is a pickle, as PyTorch's old .pt or .pth" + torch
	case starts("\x89HDF\r\n\x1a\n"):
		return "it is HDF5, as Keras's .weights.h5" + whole
	case starts("\x93NUMPY"):
		return "it is NumPy's .npy"
	case starts("\x1f\x8b"):
		return "it is gzip; unpack it"
	case starts("GGUF"):
		return "it is GGUF"
	case start[0] == 8 && len(start) > 2 && bytes.IndexByte([]byte{0x12, 0x1a, 0x3a, 0x42}, start[2]) >= 0: // field 1, a version, and the next
		return "it is ONNX, as it seems"
	case strings.HasPrefix(page, "<!doctype html") || strings.HasPrefix(page, "<html"):
		return "it is a web page; download the file itself"
	case starts("version https://git-lfs."):
		return "it is a Git LFS pointer; git lfs pull fetches the file"
	case strings.HasPrefix(text, "{") && has(`"weight_map"`):
		return "it is the index of a model in several files (weight_map); make one of them"
	case len(start) < 9:
		return fmt.Sprintf("it has only %d bytes", len(start))
	case readable(text):
		return "it is text: " + quote(text)
	}
	return "it does not start with a header"
}

// readable reports whether a file's first bytes are text. The last character may
// be cut.
func readable(text string) bool {
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && n == 1 && len(text) >= utf8.UTFMax || r != utf8.RuneError && !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return false
		}
		text = text[n:]
	}
	return true
}
