// SPDX-License-Identifier: MIT
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringTokenizer;

import com.yahoo.labs.samoa.instances.Attribute;
import com.yahoo.labs.samoa.instances.DenseInstance;
import com.yahoo.labs.samoa.instances.Instance;
import com.yahoo.labs.samoa.instances.Instances;
import com.yahoo.labs.samoa.instances.InstancesHeader;
import moa.classifiers.Classifier;
import moa.core.Utils;
import moa.options.ClassOption;

/**
 * MOA's learners test-then-train on a table, as bench-learners: java -cp moa.jar:. MoaLearners TABLE, with a learner in MOA's words on each line of
 * standard input. The time is the thread's CPU time; the compiler is warm from the second run of a learner on.
 */
public final class MoaLearners {
    private MoaLearners() {
    }

    private static InstancesHeader header(int features, int classes) {
        List<Attribute> attributes = new ArrayList<>();
        for (int j = 0; j < features; j++) {
            attributes.add(new Attribute("x" + j));
        }
        List<String> labels = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
            labels.add("c" + c);
        }
        attributes.add(new Attribute("class", labels));
        Instances format = new Instances("table", attributes, 0);
        format.setClassIndex(features);
        return new InstancesHeader(format);
    }

    private static Instance[] read(String path, InstancesHeader[] format) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(Paths.get(path))) {
            StringTokenizer words = new StringTokenizer(in.readLine());
            Instance[] rows = new Instance[Integer.parseInt(words.nextToken())];
            int features = Integer.parseInt(words.nextToken());
            format[0] = header(features, Integer.parseInt(words.nextToken()));
            for (int i = 0; i < rows.length; i++) {
                words = new StringTokenizer(in.readLine());
                double[] values = new double[features + 1];
                for (int j = 0; j <= features; j++) {
                    values[j] = Double.parseDouble(words.nextToken());
                }
                rows[i] = new DenseInstance(1.0, values);
                rows[i].setDataset(format[0]);
            }
            return rows;
        }
    }

    private static void run(String words, Instance[] rows, InstancesHeader format) throws Exception {
        Classifier learner = (Classifier) ClassOption.cliStringToObject(words, Classifier.class, null);
        learner.setModelContext(format);
        learner.prepareForUse();
        learner.resetLearning();
        learner.setModelContext(format); // again, since SAM-kNN has forgotten it
        int right = 0;
        long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (Instance row : rows) {
            if (Utils.maxIndex(learner.getVotesForInstance(row)) == (int) row.classValue()) {
                right++;
            }
            learner.trainOnInstance(row);
        }
        double ns = (double) (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin) / rows.length;
        System.out.printf(Locale.ROOT, "{\"learner\": \"%s\", \"accuracy\": %.5f, \"ns\": %.1f}%n", words, (double) right / rows.length, ns);
        System.out.flush();
    }

    public static void main(String[] arguments) throws Exception {
        InstancesHeader[] format = new InstancesHeader[1];
        Instance[] rows = read(arguments[0], format);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            run(line, rows, format[0]);
        }
    }
}
