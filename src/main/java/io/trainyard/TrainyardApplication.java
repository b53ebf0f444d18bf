package io.trainyard;

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
    SpringApplication.run(TrainyardApplication.class, args);
  }
}
