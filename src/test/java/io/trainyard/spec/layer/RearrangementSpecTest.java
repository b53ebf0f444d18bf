package io.trainyard.spec.layer;

import static io.trainyard.spec.Specs.networkText;
import static io.trainyard.spec.Specs.shapeFaults;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RearrangementSpecTest {

  @Test
  void rearrangementsThatDoNotFitAreRefused() {
    assertThat(
            shapeFaults(
                networkText(
                    "[3, 4]",
                    "{'type': 'reshape', 'shape': [5, -1], 'inputs': ['x']}",
                    "{'type': 'permute', 'axes': [0, 0], 'inputs': ['x']}",
                    "{'type': 'permute', 'axes': [0, 2], 'inputs': ['x']}",
                    "{'type': 'slice', 'axis': 1, 'start': 2, 'end': 5, 'inputs': ['x']}",
                    "{'type': 'crop', 'cropping': 2, 'inputs': ['x']}",
                    "{'type': 'zero_pad', 'padding': [1, 1], 'inputs': ['x']}",
                    "{'type': 'lstm', 'units': 1, 'inputs': ['reshape_2']}",
                    "{'type': 'reshape', 'shape': [12], 'inputs': ['x']}",
                    "{'type': 'normalize', 'mean': [1, 2], 'std': 1, 'inputs': ['x']}")))
        .containsExactlyInAnyOrder(
            "/network/layers/0: Layer 'reshape_1' (reshape) cannot make [5, -1] of the 12 elements"
                + " of [3, 4]",
            "/network/layers/1: Layer 'permute_1' (permute) must name each of the 2 axes of [3, 4]"
                + " once, but names [0, 0]",
            "/network/layers/2: Layer 'permute_2' (permute) names axis 2, but [3, 4] has 2 axes",
            "/network/layers/3: Layer 'slice_1' (slice) takes 2 to 5 of axis 1, which has 4"
                + " elements",
            "/network/layers/4: Layer 'crop_1' (crop) leaves nothing of an axis of 3",
            "/network/layers/5: Layer 'zero_pad_1' (zero_pad) lists 2 axes, but 'x' gives [3,"
                + " 4] with 1 besides the channels",
            "/network/layers/6: Layer 'lstm_1' (lstm) expects [steps, channels] but 'reshape_2'"
                + " gives [12]",
            "/network/layers/8: Layer 'normalize_1' (normalize) has 2 numbers for the 4 channels of"
                + " [3, 4]");
  }
}
