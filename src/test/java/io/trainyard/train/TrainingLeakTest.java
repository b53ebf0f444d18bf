package io.trainyard.train;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.LeftMemory;
import io.trainyard.engine.TestEngine;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings with several sessions leave no tensor: the least has a float for each unit. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@Isolated("memory of the process is measured")
@Tag("slow")
class TrainingLeakTest {
  private static final int UNITS = 60_000;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'phases':[{'train':['wide','back'],'output':'back','target':{'input':'x'},'epochs':1},"
            + "{'train':['y'],'epochs':1,'target':{'name':'y'},"
            + "'optimizer':{'type':'sgd','momentum':0.9}}],'repeat_phases':2",
        "'epochs':1,'find_learning_rate':{'steps':20,'apply':true},"
            + "'diagnostics':['update_ratios','dead_units']",
      })
  void nothingIsLeft(String training) {
    TestTraining run =
        Trainings.run(
            "{'name':'m','inputs':{'x':{'columns':['a']}},'targets':{'y':{'column':'y'}},"
                + "'network':{'outputs':['y'],'layers':["
                + "{'type':'dense','name':'wide','units':%d,'activation':'relu'},".formatted(UNITS)
                + "{'type':'dense','name':'back','units':2},"
                + "{'type':'dense','name':'y','inputs':['wide'],'units':1}]}}",
            "{'loss':'mse'," + training + "}",
            rows(),
            rows());
    TestEngine.get();
    LeftMemory.assertNone(4L * UNITS, run::finish);
  }

  private static Subset rows() {
    return new Subset(
        3,
        Map.of("x", HostTensor.ofFloats(Shape.of(3, 2), 1, 2, 3, 4, 5, 6)),
        Map.of("y", HostTensor.ofFloats(Shape.of(3, 1), 1, 0, 1)));
  }
}
