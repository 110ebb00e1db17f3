package grid

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlan(t *testing.T) {
	want := Plan{Grid: map[string]string{"lr": "0.001", "batch": "2,3"}, Images: images}
	var b bytes.Buffer
	if err := want.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := ReadPlan(bytes.NewReader(b.Bytes()))
	if diff := cmp.Diff(want, got); err != nil || diff != "" || got.Name() != want.Name() {
		t.Errorf("error %v; want (-) got (+):\n%s", err, diff)
	}
	other := want
	other.Images.Train++
	if other.Name() == want.Name() {
		t.Error("plans on other images have one name")
	}
	none := Plan{Grid: want.Grid}
	var text bytes.Buffer
	if err := none.Write(&text); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPlan(&text); err == nil || !strings.HasPrefix(err.Error(), "images: ") {
		t.Errorf("a plan without images: got error %v", err)
	}
	if _, err := ReadPlan(strings.NewReader(strings.Replace(b.String(), "2,3", "2,4", 1))); err == nil {
		t.Error("an edited plan was read")
	}
}
