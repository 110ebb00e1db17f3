package train_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"tapenet/train"
)

func TestHistoryPrints(t *testing.T) {
	h := train.History{
		{Epoch: 1, Train: train.Metrics{Loss: 2.25, Correct: 1, Images: 4}, Val: &train.Metrics{Loss: 1.125, Correct: 2, Images: 3}},
		{Epoch: 2, Train: train.Metrics{Loss: .5, Correct: 4, Images: 4}},
	}
	const want = "[epoch 1: accuracy: 0.2500 - loss: 2.2500 - val_accuracy: 0.6667 - val_loss: 1.1250 epoch 2: accuracy: 1.0000 - loss: 0.5000]"
	if got := fmt.Sprint(h); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestHistoryJSON: checkpoints hold a history as JSON, so its names stay.
func TestHistoryJSON(t *testing.T) {
	h := train.History{{
		Epoch: 1, Steps: 2, Train: train.Metrics{Loss: .5, Correct: 3, Images: 4}, Val: &train.Metrics{Loss: 1, Correct: 5, Images: 6}, Time: 7, StepTime: 8,
	}}
	const want = `[{"Epoch":1,"Steps":2,"Train":{"Loss":0.5,"Correct":3,"Images":4},"Val":{"Loss":1,"Correct":5,"Images":6},"Time":7,"StepTime":8}]`
	got, err := json.Marshal(h)
	if err != nil || string(got) != want {
		t.Errorf("got %s, want %s (error %v)", got, want, err)
	}
}
