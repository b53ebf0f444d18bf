package io.trainyard;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The whole service in one process: the roles it takes decide which parts run. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
public class TrainyardApplication {
  public static void main(String[] args) {
    // It warms up converters and validators that nothing here uses, while the natives load.
    System.setProperty("spring.backgroundpreinitializer.ignore", "true");
    SpringApplication.run(TrainyardApplication.class, args);
  }
}
