package io.trainyard;

import io.trainyard.job.JobProperties;
import io.trainyard.store.file.Scratch;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ApplicationContext;

/** The whole service in one process. Its roles decide which parts run. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
public class TrainyardApplication {
  public static void main(String[] args) {
    // It would compete with native loading, and warms up converters that are not used here.
    System.setProperty("spring.backgroundpreinitializer.ignore", "true");
    ApplicationContext context = SpringApplication.run(TrainyardApplication.class, args);
    ShutdownLimit.start(context.getBean(JobProperties.class).shutdownWait());
    // The embedded database reads it whenever a large result goes to disk.
    System.setProperty("java.io.tmpdir", context.getBean(Scratch.class).folder().toString());
  }
}
