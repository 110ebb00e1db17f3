package predict

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/prepare"
	"tapenet/cmd/serve/internal/answer"
	"tapenet/cmd/serve/internal/strokes"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/mnist/scan"
)

// What one request may have.
const (
	maxImages = 100
	maxJSON   = 2 << 20 // bytes: 100 images of 28x28 numbers, indented
)

// item is one image for the network, or why there is none.
type item struct {
	file  string
	image []uint8 // (C, H, W)
	err   error
}

// body takes a place among the requests that are worked on and returns the body of r.
// Done gives the place back; it is never nil. A small body is read before, so that
// those who send it slowly keep nobody waiting. The errors are of type *answer.Error.
func (h *Handler) body(r *http.Request) (body []byte, done func(), err error) {
	done = func() {}
	small := r.ContentLength >= 0 && r.ContentLength <= smallBody
	if small {
		if body, err = answer.Body(r); err != nil {
			return nil, done, err
		}
	}
	select {
	case h.places <- struct{}{}:
	default:
		return nil, done, &answer.Error{Status: http.StatusServiceUnavailable, Message: "too many requests wait; try again in a second"}
	}
	done = func() { <-h.places }
	if small {
		return body, done, nil
	}
	h.large <- struct{}{}
	done = func() { <-h.large; <-h.places }
	body, err = answer.Body(r)
	return body, done, err
}

// read reads the images of a request's body. The error, of type *answer.Error, is that it
// is none of the forms; what is wrong with one image is an error of its item.
func (h *Handler) read(ctx context.Context, contentType string, body []byte, shape graph.Shape, way prepare.Way) ([]item, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil && contentType != "" {
		kind = contentType
	}
	switch {
	case len(body) == 0:
		return nil, answer.Errorf("got no body, want a picture, a form with pictures, or JSON")
	case kind == "application/json":
		return h.readJSON(body, shape)
	case kind == "multipart/form-data":
		return h.readForm(ctx, body, params["boundary"], shape, way)
	case kind == "" || kind == "application/octet-stream" || strings.HasPrefix(kind, "image/"):
		image, err := h.picture(ctx, body, shape, way)
		return []item{{image: image, err: err}}, nil
	}
	return nil, &answer.Error{Status: http.StatusUnsupportedMediaType, Message: fmt.Sprintf("got Content-Type %q, want image/png, image/jpeg, image/gif, application/octet-stream, multipart/form-data or application/json", kind)}
}

// picture makes a PNG, JPEG or GIF file an image, unless ctx has ended: a form of
// pictures that are small files and large images takes minutes.
func (h *Handler) picture(ctx context.Context, file []byte, shape graph.Shape, way prepare.Way) ([]uint8, error) {
	select {
	case h.decoding <- struct{}{}:
		defer func() { <-h.decoding }()
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return nil, errors.New("the client has gone")
	}
	return way.Image(bytes.NewReader(file), shape)
}

// readForm reads the files of a form.
func (h *Handler) readForm(ctx context.Context, body []byte, boundary string, shape graph.Shape, way prepare.Way) ([]item, error) {
	form := multipart.NewReader(bytes.NewReader(body), boundary)
	var items []item
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, answer.Errorf("want a form of pictures: %v", err)
		}
		if part.FileName() == "" {
			return nil, answer.Errorf("got the field %q, want pictures alone; net and prepare go into the URL", part.FormName())
		}
		if len(items) == maxImages {
			return nil, answer.Errorf("got more than %d pictures, want at most that", maxImages)
		}
		file, err := io.ReadAll(part)
		if err != nil {
			return nil, answer.Errorf("%s: %v", part.FileName(), err)
		}
		it := item{file: part.FileName()}
		it.image, it.err = h.picture(ctx, file, shape, way)
		items = append(items, it)
	}
	if len(items) == 0 {
		return nil, answer.Errorf("got a form without pictures, want at least 1")
	}
	return items, nil
}

// question is a request in JSON: one of its fields.
type question struct {
	Image    []float64     `json:"image"`    // whole numbers from 0 to 255, channel by channel, row by row
	Images   [][]float64   `json:"images"`   //
	Strokes  [][]float64   `json:"strokes"`  // of one drawing: x, y, x, y, … from 0 to 1, y down
	Drawings [][][]float64 `json:"drawings"` //
}

// readJSON reads pixels or strokes.
func (h *Handler) readJSON(body []byte, shape graph.Shape) ([]item, error) {
	if len(body) > maxJSON {
		return nil, &answer.Error{Status: http.StatusRequestEntityTooLarge, Message: fmt.Sprintf("got %d bytes of JSON, want at most %d", len(body), maxJSON)}
	}
	var q question
	if err := answer.Decode(body, &q); err != nil {
		return nil, err
	}
	fields := 0
	for _, there := range []bool{q.Image != nil, q.Images != nil, q.Strokes != nil, q.Drawings != nil} {
		if there {
			fields++
		}
	}
	if fields != 1 {
		return nil, answer.Errorf("got %d fields, want one of image, images, strokes and drawings", fields)
	}
	if q.Image != nil {
		q.Images = [][]float64{q.Image}
	}
	if q.Strokes != nil {
		q.Drawings = [][][]float64{q.Strokes}
	}
	n := len(q.Images) + len(q.Drawings)
	if n < 1 || n > maxImages {
		return nil, answer.Errorf("got %d images, want 1 to %d", n, maxImages)
	}
	var items []item
	for _, numbers := range q.Images {
		image, err := pixels(numbers, shape)
		items = append(items, item{image: image, err: err})
	}
	for _, lines := range q.Drawings {
		image, err := draw(lines, shape)
		items = append(items, item{image: image, err: err})
	}
	return items, nil
}

// pixels makes numbers an image.
func pixels(numbers []float64, shape graph.Shape) ([]uint8, error) {
	if len(numbers) != shape.Size() {
		return nil, errors.Errorf("got %d pixels, want %d of (%s)", len(numbers), shape.Size(), shape.Join(", "))
	}
	image := make([]uint8, len(numbers))
	for i, v := range numbers {
		if !(v >= 0 && v <= 255 && v == math.Trunc(v)) {
			return nil, errors.Errorf("pixel %d: got %v, want a whole number from 0 (paper) to 255 (ink)", i, v)
		}
		image[i] = uint8(v)
	}
	return image, nil
}

// draw makes the lines of a pen an image.
func draw(lines [][]float64, shape graph.Shape) ([]uint8, error) {
	if want := (graph.Shape{1, mnist.Rows, mnist.Cols}); !slices.Equal(shape, want) {
		return nil, errors.Errorf("the network takes (%s), want (%s) for strokes", shape.Join(", "), want.Join(", "))
	}
	drawing, err := strokes.Points(lines)
	if err != nil {
		return nil, err
	}
	image, _, err := scan.Strokes(drawing)
	return image, err
}
