package io.trainyard.deploy;

import java.net.URI;
import java.time.Duration;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * Trainyard in a container, for the tests of a program that calls it. It is ready when it has
 * started, and forgets everything when it stops.
 */
class TrainyardContainer extends GenericContainer<TrainyardContainer> {
  private static final int HTTP = 8080;

  TrainyardContainer(DockerImageName image) {
    super(image);
    withExposedPorts(HTTP);
    withEnv("TRAINYARD_ACCESS_MODE", "open"); // an image asks for keys by default
    waitingFor(Wait.forHttp("/readyz").forPort(HTTP).withStartupTimeout(Duration.ofMinutes(3)));
  }

  /** Where clients reach it. */
  URI address() {
    return URI.create("http://" + getHost() + ":" + getMappedPort(HTTP));
  }
}
