package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.TestEngine;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The networks of the scenarios learn on each device what they learn on the CPU. Those on CUDA need
 * a build with the profile {@code gpu} and a device; without one they are skipped, each by its
 * name.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class OnDeviceTest {
  /**
   * Sums of float32 in another order differ in the last bits, and a dozen epochs let that grow; a
   * wrong kernel, mask or transposed weight differs by far more.
   */
  private static final double TOLERANCE = 2e-3;

  private static final int ROWS = 16;

  private static final String SIGMOIDS =
      "{'layers':[{'type':'dense','units':2,'activation':'sigmoid'},"
          + "{'type':'dense','units':1,'activation':'sigmoid'}]}";

  /** What is trained on rows of a shape. */
  record Net(
      String name, Shape input, Shape target, boolean classes, String model, String training) {
    private static final String ADAM = "'optimizer':{'type':'adam','learning_rate':0.01}";

    static Net of(String name, Shape input, Shape target, String layers, String training) {
      return new Net(name, input, target, false, layers, training);
    }

    Net ofClasses() {
      return new Net(name, input, target, true, model, training);
    }

    TestTraining on(Device device) {
      String target = classes ? "{'column':'y','type':'class'}" : "{'column':'y'}";
      return Trainings.run(
              "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':%s},'network':%s}"
                  .formatted(target, model),
              "{'publish':'last'," + training + "}",
              rows())
          .on(device);
    }

    private Subset rows() {
      if (classes) {
        return Trainings.rows(ROWS, 3, input);
      }
      return new Subset(ROWS, Map.of("x", random(input, 1)), Map.of("y", random(target, 2)));
    }

    private static HostTensor random(Shape row, long seed) {
      Random random = new Random(seed);
      float[] numbers = new float[Math.toIntExact(row.elements()) * ROWS];
      for (int i = 0; i < numbers.length; i++) {
        // Within what a sigmoid gives.
        numbers[i] = 0.1f + 0.8f * random.nextFloat();
      }
      return HostTensor.ofFloats(row.batched(ROWS), numbers);
    }
  }

  private static List<Net> nets() {
    Shape one = Shape.of(1);
    return List.of(
        Net.of(
            "S1 recurrent net and a caller's function",
            Shape.of(8, 1),
            one,
            "{'layers':[{'type':'lstm','units':8},{'type':'dense','units':1},"
                + "{'type':'lambda','expression':'3*sin(x) + 0.5*x^2'}]}",
            "'loss':'mse','epochs':12," + Net.ADAM),
        Net.of(
            "S2 alternating phases of a recurrent net and its head",
            Shape.of(8, 1),
            one,
            "{'layers':[{'type':'lstm','name':'rnn','units':4},"
                + "{'type':'activation','function':'relu'},{'type':'dense','name':'number','units':1},"
                + "{'type':'dense','name':'f','units':1}]}",
            "'loss':'mse','repeat_phases':2,'phases':["
                + "{'name':'head','train':['f'],'epochs':3,%1$s},".formatted(Net.ADAM)
                + "{'name':'body','train':['rnn','number'],'epochs':3,%1$s}]".formatted(Net.ADAM)),
        Net.of(
            "S3 branched graph over the last axis",
            Shape.of(3, 4),
            one,
            "{'layers':[{'type':'dense','name':'fc1','units':4,'inputs':['x']},"
                + "{'type':'dense','name':'fc2','units':4,'inputs':['x']},"
                + "{'type':'permute','name':'t','axes':[1,0],'inputs':['fc2']},"
                + "{'type':'matmul','inputs':['fc1','t']},{'type':'flatten'},"
                + "{'type':'dense','units':1}]}",
            "'loss':'mse','epochs':10,'shuffle':false," + Net.ADAM),
        Net.of(
            "S4 convolution of a sequence",
            Shape.of(50, 1),
            one,
            "{'layers':[{'type':'conv1d','filters':20,'kernel_size':10,'padding':'same',"
                + "'activation':'relu'},{'type':'flatten'},{'type':'dense','units':1}]}",
            "'loss':'mse','epochs':6," + Net.ADAM),
        Net.of(
            "S4 convolution with an even kernel",
            Shape.of(5, 36, 1),
            one,
            "{'layers':[{'type':'conv2d','filters':8,'kernel_size':[5,10],'padding':'same'},"
                + "{'type':'conv2d','filters':4,'kernel_size':3,'strides':2,'padding':'valid',"
                + "'activation':'relu'},{'type':'flatten'},{'type':'dense','units':1}]}",
            "'loss':'mse','epochs':6," + Net.ADAM),
        Net.of(
                "S5 stacked sparse autoencoders and a softmax head",
                Shape.of(6),
                one,
                "{'outputs':['head'],'layers':[{'type':'dense','name':'enc1','units':5,"
                    + "'activation':'sigmoid','regularizer':{'l2':0.001,"
                    + "'sparsity':{'weight':4,'proportion':0.05}}},"
                    + "{'type':'dense','name':'dec1','units':6},"
                    + "{'type':'dense','name':'enc2','inputs':['enc1'],'units':3,"
                    + "'activation':'sigmoid'},{'type':'dense','name':'dec2','units':5},"
                    + "{'type':'dense','name':'head','inputs':['enc2'],'units':3,"
                    + "'activation':'softmax'}]}",
                "'loss':'mse','epochs':5,%s,'phases':[".formatted(Net.ADAM)
                    + "{'name':'one','train':['enc1','dec1'],'output':'dec1',"
                    + "'target':{'input':'x'}},{'name':'two','train':['enc2','dec2'],"
                    + "'output':'dec2','target':{'layer':'enc1'}},"
                    + "{'train':['enc1','enc2','head'],'loss':'categorical_crossentropy'}]")
            .ofClasses(),
        Net.of(
            "S6 perceptron with a step",
            Shape.of(2),
            one,
            "{'layers':[{'type':'dense','units':1,'activation':'step'}]}",
            "'loss':'mae','optimizer':'perceptron','epochs':5"),
        Net.of(
            "S7 small net by back-propagation with momentum",
            Shape.of(2),
            one,
            SIGMOIDS,
            "'loss':'mse','epochs':12,"
                + "'optimizer':{'type':'sgd','learning_rate':0.1,'momentum':0.9}"),
        Net.of(
            "S7 small net by delta-bar-delta",
            Shape.of(2),
            one,
            SIGMOIDS,
            "'loss':'mse','epochs':12,'optimizer':'delta_bar_delta'"),
        Net.of(
            "S7 small net by Levenberg-Marquardt",
            Shape.of(2),
            one,
            SIGMOIDS,
            "'loss':'mse','epochs':6,'optimizer':'levenberg_marquardt'"),
        Net.of(
                "S8 classes of a table",
                Shape.of(4),
                one,
                "{'layers':[{'type':'dense','units':16,'activation':'relu'},{'type':'batch_norm'},"
                    + "{'type':'dense','units':3,'activation':'softmax'}]}",
                "'loss':'categorical_crossentropy','metrics':['accuracy'],'epochs':12," + Net.ADAM)
            .ofClasses());
  }

  static Stream<Arguments> netsByDevice() {
    return Arrays.stream(Device.values())
        .flatMap(
            device -> nets().stream().map(net -> Arguments.of(net.name(), device.code(), net)));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("netsByDevice")
  void learnsAsOnTheCpu(String name, String code, Net net) {
    Device device = Device.of(code);
    assumeTrue(device == Device.CPU || TestEngine.get().hasCuda(), () -> name + ": no CUDA device");
    assertLearnsTheSame(net.on(device), net.on(Device.CPU));
  }

  /** Otherwise a device that computes something else would pass. */
  @Test
  void otherWeightsAreNoticed() {
    for (Net net : nets()) {
      if (!net.name().startsWith("S6")) { // the perceptron begins at 0
        assertThatThrownBy(
                () -> assertLearnsTheSame(net.on(Device.CPU).withSeed(7), net.on(Device.CPU)))
            .as(net.name())
            .isInstanceOf(AssertionError.class);
      }
    }
  }

  private static void assertLearnsTheSame(TestTraining actual, TestTraining expected) {
    Recorder recorder = new Recorder();
    Recorder reference = new Recorder();
    Map<String, HostTensor> trained = actual.finish(recorder).weights();
    Map<String, HostTensor> weights = expected.finish(reference).weights();

    assertThat(recorder.epochs).hasSameSizeAs(reference.epochs);
    for (int i = 0; i < reference.epochs.size(); i++) {
      double loss = Trainings.value(reference.epochs.get(i), "loss");
      assertThat(Trainings.value(recorder.epochs.get(i), "loss"))
          .as("loss of epoch %d", i + 1)
          .isCloseTo(loss, offset(TOLERANCE * Math.max(1, Math.abs(loss))));
    }
    assertThat(trained.keySet()).isEqualTo(weights.keySet());
    weights.forEach(
        (weight, tensor) ->
            assertClose(weight, Objects.requireNonNull(trained.get(weight)), tensor));
  }

  private static void assertClose(String name, HostTensor actual, HostTensor expected) {
    for (long i = 0; i < expected.shape().elements(); i++) {
      double number = expected.doubleAt(i);
      assertThat(actual.doubleAt(i))
          .as("%s[%d]", name, i)
          .isCloseTo(number, offset(TOLERANCE * Math.max(1, Math.abs(number))));
    }
  }
}
