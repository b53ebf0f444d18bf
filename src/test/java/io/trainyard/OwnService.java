package io.trainyard;

import java.nio.file.Path;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A service that a test starts and closes on a data folder. The first start after a close sets up
 * the log of the whole process again, without the appenders that tests have added. So such a test
 * class, those with {@link ServiceTest}, and those that read the log run in one thread.
 */
public record OwnService(ConfigurableApplicationContext context, Http http)
    implements AutoCloseable {

  public static OwnService on(Path folder) {
    ConfigurableApplicationContext context =
        new SpringApplicationBuilder(TrainyardApplication.class)
            .run(
                "--server.port=0",
                "--spring.grpc.server.port=0",
                "--trainyard.jobs.isolation=none",
                "--trainyard.data-dir=" + folder);
    String port = context.getEnvironment().getRequiredProperty("local.server.port");
    return new OwnService(context, new Http(Integer.parseInt(port)));
  }

  @Override
  public void close() {
    context.close();
  }
}
