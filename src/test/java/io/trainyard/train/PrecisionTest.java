package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every family of layers trains in every precision, and publishes weights of 32 bits. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PrecisionTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "dense         | 4     | {'type':'dense','units':5,'activation':'tanh'}",
        "batch norm    | 4     | {'type':'dense','units':5},{'type':'batch_norm'}",
        "noise         | 4     | {'type':'gaussian_noise','std':0.1},{'type':'dense','units':5}",
        "normalize     | 4     | {'type':'normalize','mean':[0,0,0,0],'std':[1,1,1,1]},"
            + "{'type':'dropout','rate':0.1}",
        "penalties     | 4     | {'type':'dense','units':5,'activation':'sigmoid',"
            + "'regularizer':{'l1':0.01,'l2':0.02,'activity_l2':0.01,"
            + "'sparsity':{'weight':0.1,'proportion':0.2}},'constraint':{'max_norm':1}}",
        "frozen        | 4     | {'type':'dense','units':5,'trainable':false},"
            + "{'type':'batch_norm','trainable':false}",
        "lambda        | 4     | {'type':'lambda','expression':'tanh(a*x) + (x > 0)',"
            + "'parameters':{'a':0.7}},{'type':'prelu'},{'type':'dense','units':4}",
        "layer norm    | 4     | {'type':'dense','units':6},{'type':'layer_norm'}",
        "convolution   | 6,6,2 | {'type':'conv2d','filters':4,'kernel_size':3,'padding':'same'},"
            + "{'type':'group_norm','groups':2},{'type':'max_pool2d','pool_size':2},"
            + "{'type':'avg_pool2d','pool_size':2,'padding':'same'},{'type':'flatten'}",
        "transposed    | 3,3,2 | {'type':'conv2d_transpose','filters':3,'kernel_size':2},"
            + "{'type':'batch_norm'},{'type':'spatial_dropout','rate':0.3},"
            + "{'type':'global_avg_pool'}",
        "separable     | 6,6,2 | {'type':'separable_conv2d','filters':3,'kernel_size':3},"
            + "{'type':'upsample','size':2},{'type':'global_max_pool'}",
        "augmentation  | 6,6,2 | {'type':'random_flip'},{'type':'random_contrast','factor':0.1},"
            + "{'type':'flatten'}",
        "warps         | 6,6,2 | {'type':'conv2d','filters':2,'kernel_size':3,'padding':'same'},"
            + "{'type':'random_rotation','factor':0.1},"
            + "{'type':'random_translation','height_factor':0.1,'width_factor':0.1,"
            + "'fill_mode':'wrap'},{'type':'random_zoom','height_factor':0.1,"
            + "'fill_mode':'constant','fill_value':0.5},"
            + "{'type':'random_crop','height':5,'width':5},"
            + "{'type':'random_contrast','factor':0.1},{'type':'random_flip'},{'type':'flatten'}",
        "warped line   | 1,6,2 | {'type':'conv2d','filters':2,'kernel_size':3,'padding':'same'},"
            + "{'type':'random_translation','height_factor':0,'width_factor':0.1},"
            + "{'type':'flatten'}",
        "lstm          | 5,3   | {'type':'lstm','units':4,'layers':2,'dropout':0.3}",
        "gru           | 5,3   | {'type':'gru','units':4,'bidirectional':true}",
        "simple rnn    | 5,3   | {'type':'simple_rnn','units':4}",
        "transformer   | 5,4   | {'type':'transformer_encoder','heads':2,'ff_dim':6,"
            + "'dropout':0.2},{'type':'last_step'}",
        "attention     | 5,4   | {'type':'multi_head_attention','heads':2,'key_dim':2},"
            + "{'type':'flatten'}",
        "branches      | 4     | {'type':'dense','name':'p','units':4,'inputs':['x']},"
            + "{'type':'dense','name':'q','units':4,'inputs':['x'],'activation':'gelu'},"
            + "{'type':'multiply','inputs':['p','q']},{'type':'add','inputs':['p','x']},"
            + "{'type':'concat','inputs':['p','q','x']}",
      })
  void layersTrainInEveryPrecision(String name, String row, String layers) {
    int[] dims = Arrays.stream(row.split(",")).mapToInt(Integer::parseInt).toArray();
    double single = loss("float32", Shape.of(dims), layers);
    // Adam's first steps divide small gradients by themselves, which amplifies rounding.
    assertThat(loss("float64", Shape.of(dims), layers))
        .as("float64")
        .isCloseTo(single, Offset.offset(1e-3 * single));
    // A bfloat16 has 8 bits: 1 / 256 for each of some operations.
    assertThat(loss("bfloat16", Shape.of(dims), layers))
        .as("bfloat16")
        .isNotEqualTo(single)
        .isCloseTo(single, Offset.offset(0.03 * single));
  }

  private static double loss(String precision, Shape row, String layers) {
    String model =
        "{'name':'m','inputs':{'x':{'columns':['a']}},"
            + "'targets':{'y':{'column':'y','type':'class'}},'network':{'layers':["
            + layers
            + ",{'type':'dense','units':3,'activation':'softmax'}]}}";
    String training =
        "{'loss':'categorical_crossentropy','batch_size':8,'epochs':3,'metrics':['accuracy'],"
            + "'optimizer':{'type':'adam','learning_rate':0.01},'precision':'"
            + precision
            + "'}";
    TrainingOutcome.Finished outcome =
        Trainings.run(model, training, Trainings.rows(33, 1, row), Trainings.rows(12, 2, row))
            .finish();
    assertThat(outcome.weights().values())
        .allSatisfy(
            weight -> assertThat(weight.type()).isIn(ElementType.FLOAT32, ElementType.INT64));
    assertThat(Trainings.last(outcome, "val_loss")).isFinite();
    return Trainings.last(outcome, "loss");
  }
}
