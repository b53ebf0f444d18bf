package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * libtorch's channels-last backward of group_norm writes the input's gradient even where none is
 * wanted, and ends the process. These networks have nothing trainable before the layer.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GroupNormTrainingTest {
  private static final int ROWS = 4;
  private static final int SIDE = 3;
  private static final int CHANNELS = 6;

  private static final String HEAD =
      "{'type':'global_avg_pool'},{'type':'dense','name':'y','units':1}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{'type':'activation','function':'tanh'},",
        "{'type':'conv2d','filters':6,'kernel_size':1,'trainable':false},",
        "{'type':'conv2d','filters':6,'kernel_size':3,'trainable':false},",
        "{'type':'conv2d','filters':6,'kernel_size':2,'trainable':false},{'type':'dropout','rate':0.5},"
      })
  void trainsAfterLayersWithoutTrainedWeights(String before) {
    assertThat(loss(before, "channels_last")).isFinite();
    assertThat(loss(before, "channels_first")).isFinite();
  }

  @Test
  void learnsTheSameInBothDataFormats() {
    assertThat(loss("", "channels_last")).isCloseTo(loss("", "channels_first"), within(1e-5));
  }

  private static double loss(String before, String format) {
    boolean last = format.equals("channels_last");
    String model =
        "{'name':'m','inputs':{'x':{'column':'x','shape':%s}},'targets':{'y':{'column':'y'}},"
                .formatted(last ? "[3,3,6]" : "[6,3,3]")
            + "'network':{'data_format':'"
            + format
            + "','layers':["
            + before
            + "{'type':'group_norm','groups':2},"
            + HEAD
            + "]}}";
    TrainingOutcome.Finished outcome =
        Trainings.run(
                model,
                "{'loss':'mse','epochs':3,'batch_size':2,'shuffle':false,"
                    + "'optimizer':{'type':'sgd','learning_rate':0.1}}",
                images(last))
            .finish();
    return Trainings.last(outcome, "loss");
  }

  private static Subset images(boolean last) {
    Random random = new Random(1);
    float[] x = new float[ROWS * SIDE * SIDE * CHANNELS];
    float[] y = new float[ROWS];
    for (int row = 0; row < ROWS; row++) {
      y[row] = row;
      for (int position = 0; position < SIDE * SIDE; position++) {
        for (int channel = 0; channel < CHANNELS; channel++) {
          int within = last ? position * CHANNELS + channel : channel * SIDE * SIDE + position;
          x[row * SIDE * SIDE * CHANNELS + within] = random.nextFloat();
        }
      }
    }
    Shape shape =
        last ? Shape.of(ROWS, SIDE, SIDE, CHANNELS) : Shape.of(ROWS, CHANNELS, SIDE, SIDE);
    return new Subset(
        ROWS,
        Map.of("x", HostTensor.ofFloats(shape, x)),
        Map.of("y", HostTensor.ofFloats(Shape.of(ROWS, 1), y)));
  }
}
