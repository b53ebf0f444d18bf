package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.ServiceTest;
import io.trainyard.job.WorkerRegister;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** The schedulers of a whole service. */
@ServiceTest
class JobSchedulersTest {
  @Autowired private JobSchedulers schedulers;
  @Autowired private WorkerRegister register;

  @Test
  void workerIsInTheRegisterWhileItTakesJobs() {
    schedulers.stop();
    try {
      assertThat(register.living()).isEmpty();
    } finally {
      schedulers.start();
    }
    assertThat(register.living().getFirst().pools()).containsKey("cpu");
  }
}
