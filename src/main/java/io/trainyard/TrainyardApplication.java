package io.trainyard;

import io.trainyard.job.JobProperties;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The whole service in one process. Its roles decide which parts run. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
public class TrainyardApplication {
  public static void main(String[] args) {
    // It would compete with native loading, and warms up converters that are not used here.
    System.setProperty("spring.backgroundpreinitializer.ignore", "true");
    var context = SpringApplication.run(TrainyardApplication.class, args);
    ShutdownLimit.start(context.getBean(JobProperties.class).shutdownWait());
  }
}
