package io.trainyard.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** The Python client against the service, and against a server that fails. */
@ServiceTest
@Timeout(600)
class PythonClientHttpTest {
  @Autowired private Http http;

  @BeforeEach
  void needsPython() {
    assumeTrue(Python.runs("pass"), "there is no " + Python.COMMAND);
  }

  @Test
  void clientRunsTheMainJob() throws Exception {
    assertThat(Python.run("src/test/python/client_job.py", http.base(), "iris-python"))
        .endsWith("done\n");
  }

  @Test
  void dataFramesAndEstimatorsWork() throws Exception {
    assumeTrue(
        Python.runs("import pandas, sklearn"), "pandas or scikit-learn is missing in Python");
    assertThat(Python.run("src/test/python/client_frames.py", http.base(), "frames-python"))
        .endsWith("done\n");
  }

  @Test
  @Tag("slow")
  void estimatorsPassTheChecksOfScikitLearn() throws Exception {
    assumeTrue(
        Python.runs("import pandas, sklearn"), "pandas or scikit-learn is missing in Python");
    assertThat(Python.run("src/test/python/client_checks.py", http.base())).endsWith("done\n");
  }

  @Test
  void clientSurvivesBusyAndBrokenServers() throws Exception {
    assertThat(Python.run("src/clients/python/test_trainyard.py")).contains("\nOK");
  }
}
