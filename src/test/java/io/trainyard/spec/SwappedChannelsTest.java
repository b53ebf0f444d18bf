package io.trainyard.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.check.TrainingCheck;
import io.trainyard.spec.check.Warning;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SwappedChannelsTest {
  private static final String CONV =
      "{'type': 'conv2d', 'name': 'c', 'filters': 2, 'kernel_size': 3, 'padding': 'same'}";
  private static final String CONV2 =
      "{'type': 'conv2d', 'name': 'd', 'filters': 2, 'kernel_size': 3, 'padding': 'same'}";
  private static final String FIRST = ", 'data_format': 'channels_first'}";
  private static final String SWAPPED =
      "Input 'x' is [3, 32, 32], which looks like [channels, height, width], but 'c' reads [height,"
          + " width, channels]: set \"data_format\": \"channels_first\" in the network";

  @Test
  void channelsAtTheOtherEndDrawAWarning() {
    assertThat(warnings("[3, 32, 32]", CONV)).singleElement().asString().startsWith(SWAPPED);
    assertThat(warnings("[3, 32, 32]", "{'type': 'normalize', 'mean': 1, 'std': 2}", CONV, CONV2))
        .singleElement()
        .asString()
        .startsWith(SWAPPED);
    assertThat(warnings("[1, 28, 28]", "{'type': 'max_pool2d', 'name': 'c', 'pool_size': [1, 2]}"))
        .isEmpty();
    assertThat(warnings("[32, 32, 3]", CONV.replace("}", FIRST)))
        .singleElement()
        .asString()
        .startsWith(
            "Input 'x' is [32, 32, 3], which looks like [height, width, channels], but 'c' reads"
                + " [channels, height, width]: set \"data_format\": \"channels_last\"");
  }

  @Test
  void imagesInTheRightFormatDrawNone() {
    assertThat(warnings("[32, 32, 3]", CONV)).isEmpty();
    assertThat(warnings("[3, 32, 32]", CONV.replace("}", FIRST))).isEmpty();
    assertThat(warnings("[4, 4, 3]", CONV)).isEmpty();
    assertThat(warnings("[3, 32, 4]", CONV)).isEmpty();
    assertThat(warnings("[8, 32, 32]", CONV)).isEmpty();
    assertThat(warnings("[3, 32, 32]", "{'type': 'permute', 'axes': [1, 2, 0]}", CONV)).isEmpty();
  }

  @Test
  void aWindowThatDoesNotFitSaysSo() {
    String valid = "{'type': 'conv2d', 'filters': 2, 'kernel_size': 3}";
    assertThat(Specs.shapeFaults(Specs.networkText("[1, 28, 28]", valid)))
        .singleElement()
        .asString()
        .startsWith("/network/layers/0: ")
        .contains(
            "; input 'x' is [1, 28, 28], which looks like [channels, height, width], but 'conv2d_1'"
                + " reads [height, width, channels]: set \"data_format\": \"channels_first\"");
    // The first window fits on the three channels, and the second does not.
    assertThat(Specs.shapeFaults(Specs.networkText("[3, 32, 32]", valid, valid)))
        .singleElement()
        .asString()
        .startsWith("/network/layers/1: ")
        .contains("; input 'x' is [3, 32, 32], which looks like");
    assertThat(Specs.shapeFaults(Specs.networkText("[2, 28, 28]", valid)))
        .singleElement()
        .asString()
        .doesNotContain("data_format");
  }

  private static List<String> warnings(String shape, String... layers) {
    ModelSpec model = Specs.network(shape, layers);
    TrainingCheck check =
        new TrainingCheck(model, Specs.shapes(model), Map.of(), null, "/model", "");
    return check.warnings().stream()
        .filter(warning -> warning.code().equals("swapped_channels"))
        .map(Warning::detail)
        .toList();
  }
}
