package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Cases;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The estimate of a step's memory against the peak that the kernel measures. */
@Isolated("memory of the process is measured")
@Tag("long")
class StepMemoryTest {
  /** What the JVM and the libraries may add. */
  private static final long LEAST = 20L << 20;

  private static final long CONSTANT = 32L << 20;

  /**
   * Layers whose inner values or operations need far more than their outputs: 20 MB to 1 GB. The
   * allocator keeps a single block of less than 64 MB for the next step, so a case needs more.
   */
  static final List<String> LAYERS =
      List.of(
          "{'type':'repeat','name':'r','n':3000},{'type':'slice','name':'a','axis':1,'end':1},"
              + "{'type':'permute','name':'b','inputs':['a'],'axes':[1,0]},"
              + "{'type':'lambda','inputs':['a','b'],'expression':'mean(sin(a * b) ^ 2)'}",
          "{'type':'reshape','shape':[2,2,1]},"
              + "{'type':'max_pool2d','pool_size':6001,'padding':'same'},{'type':'flatten'}",
          "{'type':'repeat','n':2400},{'type':'transformer_encoder','heads':4,'ff_dim':64,"
              + "'dropout':0.1},{'type':'global_avg_pool'}",
          "{'type':'repeat','n':1000},{'type':'gru','units':512},{'type':'flatten'}",
          "{'type':'repeat','n':20000},{'type':'gru','units':1}",
          "{'type':'repeat','n':5000},{'type':'gru','units':2,'layers':2,'bidirectional':true}",
          "{'type':'repeat','n':20000},{'type':'simple_rnn','units':1,'layers':3}",
          "{'type':'dense','units':4},"
              + "{'type':'lambda','expression':'x%s'},".formatted("+x".repeat(900)).repeat(40)
              + "{'type':'activation','function':'tanh'}",
          "{'type':'repeat','n':1000},{'type':'lstm','units':512},{'type':'flatten'}",
          "{'type':'repeat','n':10000},{'type':'dense','units':128,'activation':'gelu'},"
              + "{'type':'multi_head_attention','heads':4,'key_dim':32},{'type':'global_avg_pool'}");

  static List<String> layers() {
    return Cases.sample(LAYERS, 10);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void thePeakIsAtMostTheEstimateAndAQuarter(String layers) throws IOException {
    ModelSpec model =
        TestEngine.model(
            "{'name':'m','network':{'inputs':{'x':{'shape':[4]}},'layers':["
                + layers
                + ",{'type':'dense','name':'y','units':2}]}}");
    NetworkShapes shapes = TestEngine.shapes(model);
    long estimate = shapes.weightBytes(2) + shapes.batchBytes(1);

    TrainingPlan plan =
        TestEngine.plan(model, "{'loss':'mse','epochs':1,'optimizer':{'type':'adam'}}", Map.of());
    long most = estimate / 4 * 5 + CONSTANT;
    long peak = 0;
    // A kernel that takes pages back, or code that is compiled, spoils a measure.
    for (int i = 0; i < 8 && (peak <= LEAST || peak >= most); i++) {
      peak = PeakMemory.of(plan, 1, 1);
    }

    assertThat(peak).as("estimate %d", estimate).isLessThan(most);
    assertThat(peak).as("the case measures something").isGreaterThan(LEAST);
  }
}
