<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AddToLibraryDialog</name>
    <message>
        <source>Add to library</source>
        <translation>添加到模型库</translation>
    </message>
    <message>
        <source>Who made it, or where it was found</source>
        <translation>由谁制作，或从何处得到</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>标题</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>The model is copied; the original stays where it is.</source>
        <translation>模型会被复制一份，原文件保留在原处。</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
</context>
<context>
    <name>Advice</name>
    <message>
        <source>Nothing can be learned here: no layer tells the classes apart better than guessing ({score} against {chance}). Look at your labels.</source>
        <translation>这里学不到任何东西：没有哪一层区分各类别的能力胜过猜测（{score} 对 {chance}）。请检查您的标签。</translation>
    </message>
    <message>
        <source>That is hardly more than guessing ({chance}): look at your labels, or bring more images.</source>
        <translation>这并不比随机猜测（{chance}）好多少：请检查标签，或提供更多图像。</translation>
    </message>
    <message>
        <source>Features get better up to the top of the network: its upper third brings {share} of what they tell about your classes.</source>
        <translation>特征直到网络顶部都在变好：关于您的类别所能得知的信息，有 {share} 来自上部三分之一的层。</translation>
    </message>
    <message>
        <source>The upper third of the network brings only {share} of what its features tell about your classes, so its upper layers know little of them.</source>
        <translation>关于您的类别所能得知的信息，只有 {share} 来自网络上部三分之一的层，可见上层对它们所知甚少。</translation>
    </message>
    <message>
        <source>Its old classifier tells your images apart: it says {share} of what it could say about them.</source>
        <translation>原有的分类器能区分您的图像：它给出了所能给出信息的 {share}。</translation>
    </message>
    <message>
        <source>Its old classifier has little to say about your images: {share} of what it could say.</source>
        <translation>原有的分类器对您的图像几乎说不出什么：只给出了所能给出信息的 {share}。</translation>
    </message>
    <message>
        <source>It finds your images more familiar than the same images with their parts shuffled, so it knows shapes like theirs.</source>
        <translation>与打乱各部分后的同样图像相比，网络觉得您的图像更熟悉，可见它认识这样的形状。</translation>
    </message>
    <message>
        <source>It finds your images no more familiar than the same images with their parts shuffled, so their shapes mean little to it.</source>
        <translation>网络觉得您的图像并不比打乱各部分后的同样图像更熟悉，可见这些形状对它意义不大。</translation>
    </message>
    <message>
        <source>Its layers react to your images as they did to those that it was trained on (distance {distance}).</source>
        <translation>各层对您图像的反应与对训练时图像的反应相同（距离 {distance}）。</translation>
    </message>
    <message>
        <source>Its layers react to your images unlike they did to those that it was trained on (distance {distance}).</source>
        <translation>各层对您图像的反应与对训练时图像的反应不同（距离 {distance}）。</translation>
    </message>
    <message>
        <source>The network gives no sign of how familiar your images are.</source>
        <translation>网络没有显示出它对您的图像有多熟悉。</translation>
    </message>
    <message>
        <source>Your images have no colours, and the network was trained on colour images.</source>
        <translation>您的图像没有颜色，而网络是用彩色图像训练的。</translation>
    </message>
    <message>
        <source>Your images are about {times} times smaller than what the network takes, so they look blurred to it.</source>
        <translation>您的图像约为网络所需尺寸的 1/{times}，在它看来是模糊的。</translation>
    </message>
    <message>
        <source>There are {images} training images in {classes} classes, about {each} a class.</source>
        <translation>共有 {classes} 个类别的 {images} 张训练图像，每类约 {each} 张。</translation>
    </message>
    <message>
        <source>The four ways have between {least} and {most} numbers to learn from them.</source>
        <translation>四种方式需要从中学习 {least} 到 {most} 个数值。</translation>
    </message>
    <message>
        <source>Twice as many images would bring the fixed features from about {now} to about {then} right.</source>
        <translation>若图像增加一倍，固定特征的正确率将从约 {now} 提高到约 {then}。</translation>
    </message>
    <message>
        <source>Twice as many images would hardly help the fixed features: from about {now} to about {then} right.</source>
        <translation>图像增加一倍对固定特征几乎没有帮助：正确率从约 {now} 到约 {then}。</translation>
    </message>
    <message>
        <source>You have few images ({images}, about {each} a class), and they are similar to what the network knows (similarity {score} of 100).</source>
        <translation>您的图像较少（{images} 张，每类约 {each} 张），并且与网络所知的相似（相似度 {score}/100）。</translation>
    </message>
    <message>
        <source>You have many images ({images}, about {each} a class), and they are similar to what the network knows (similarity {score} of 100).</source>
        <translation>您的图像较多（{images} 张，每类约 {each} 张），并且与网络所知的相似（相似度 {score}/100）。</translation>
    </message>
    <message>
        <source>You have few images ({images}, about {each} a class), and they are unlike what the network knows (similarity {score} of 100).</source>
        <translation>您的图像较少（{images} 张，每类约 {each} 张），并且与网络所知的不同（相似度 {score}/100）。</translation>
    </message>
    <message>
        <source>You have many images ({images}, about {each} a class), and they are unlike what the network knows (similarity {score} of 100).</source>
        <translation>您的图像较多（{images} 张，每类约 {each} 张），并且与网络所知的不同（相似度 {score}/100）。</translation>
    </message>
    <message>
        <source>You have few images ({images}, about {each} a class), and by your own word they are similar to what the network knows (measured similarity: {score} of 100).</source>
        <translation>您的图像较少（{images} 张，每类约 {each} 张），并且按您的判断与网络所知的相似（测得的相似度：{score}/100）。</translation>
    </message>
    <message>
        <source>You have few images ({images}, about {each} a class), and by your own word they are unlike what the network knows (measured similarity: {score} of 100).</source>
        <translation>您的图像较少（{images} 张，每类约 {each} 张），并且按您的判断与网络所知的不同（测得的相似度：{score}/100）。</translation>
    </message>
    <message>
        <source>You have many images ({images}, about {each} a class), and by your own word they are similar to what the network knows (measured similarity: {score} of 100).</source>
        <translation>您的图像较多（{images} 张，每类约 {each} 张），并且按您的判断与网络所知的相似（测得的相似度：{score}/100）。</translation>
    </message>
    <message>
        <source>You have many images ({images}, about {each} a class), and by your own word they are unlike what the network knows (measured similarity: {score} of 100).</source>
        <translation>您的图像较多（{images} 张，每类约 {each} 张），并且按您的判断与网络所知的不同（测得的相似度：{score}/100）。</translation>
    </message>
    <message>
        <source>The trained network should stay as it is, with only a new classifier on its features; it is expected to be right on about {expected} of new images.</source>
        <translation>训练好的网络应保持不变，只在其特征上加一个新分类器；预计对约 {expected} 的新图像判断正确。</translation>
    </message>
    <message>
        <source>Its upper layers should be tuned gently together with a new classifier; this is expected to be right on about {expected} of new images, against {fixed} with the network left as it is.</source>
        <translation>应温和地微调其上层并同时训练新分类器；预计对约 {expected} 的新图像判断正确，而网络保持不变时为 {fixed}。</translation>
    </message>
    <message>
        <source>A new classifier should sit on its lower layers, at “{cut}”, before they become too special; it is expected to be right on about {expected} of new images, against {fixed} on the upper layers.</source>
        <translation>新分类器应放在较低的层“{cut}”上，即在各层变得过于专门之前；预计对约 {expected} 的新图像判断正确，而放在上层时为 {fixed}。</translation>
    </message>
    <message>
        <source>Its trained weights should serve as the starting point, and the whole network be trained; this is expected to be right on about {expected} of new images, against {fixed} with the network left as it is.</source>
        <translation>训练好的权重应作为起点，并训练整个网络；预计对约 {expected} 的新图像判断正确，而网络保持不变时为 {fixed}。</translation>
    </message>
    <message>
        <source>A new classifier on the features of {count} layers at once tells your classes apart better than on those of any single layer: {score} of your images were right, against {best} at “{over}”; the difference lies between {least} and {most}.</source>
        <translation>把新分类器同时建立在 {count} 个层的特征上，比建立在任何单独一层的特征上都更能区分您的类别：您的图像有 {score} 判断正确，而在“{over}”上为 {best}；两者之差在 {least} 到 {most} 之间。</translation>
    </message>
    <message>
        <source>Between “{before}” and “{after}” features lose what they tell about your classes: {high} of your images are right below this block, {low} above it. Only its layers ({count}) are tuned, together with a new classifier; all others stay as they are.</source>
        <translation>在“{before}”与“{after}”之间，特征丢失了关于您的类别的信息：在这一块之下，您的图像有 {high} 判断正确，在它之上只有 {low}。只微调这一块的层（{count} 个）以及新的分类器，其余各层保持不变。</translation>
    </message>
    <message>
        <source>It needs about {needed} of memory, more than this machine has free.</source>
        <translation>它约需 {needed} 内存，超过本机的可用内存。</translation>
    </message>
    <message>
        <source>It is expected to be right on about {expected} of new images, against {best} of the recommended way.</source>
        <translation>预计它对约 {expected} 的新图像判断正确，而推荐的方式为 {best}。</translation>
    </message>
    <message>
        <source>It takes about {times} times as long as the recommended way.</source>
        <translation>它所需的时间约为推荐方式的 {times} 倍。</translation>
    </message>
    <message>
        <source>With about {each} images a class, many free layers may learn the images by heart.</source>
        <translation>每类只有约 {each} 张图像，许多可训练的层可能会死记这些图像。</translation>
    </message>
    <message>
        <source>The upper layers, whose features it uses, were made for images unlike yours.</source>
        <translation>它使用上层的特征，而上层是为与您不同的图像形成的。</translation>
    </message>
    <message>
        <source>It gives up the upper layers, which serve images like yours well.</source>
        <translation>它放弃了上层，而上层很适合您这类图像。</translation>
    </message>
    <message>
        <source>It changes all layers, also those that serve images like yours well.</source>
        <translation>它会改变所有层，包括很适合您这类图像的层。</translation>
    </message>
    <message>
        <source>Nothing much: it is expected to do as well as the recommended way ({best} right), which is simpler.</source>
        <translation>没有多少不利之处：预计与推荐的方式效果相当（正确率 {best}），只是后者更简单。</translation>
    </message>
    <message>
        <source>A learning rate of {rate} is large for layers that know something already; it may tear what they know.</source>
        <translation>对于已有所学的层，学习率 {rate} 偏大，可能破坏它们已学到的内容。</translation>
    </message>
    <message>
        <source>Use {rate}</source>
        <translation>使用 {rate}</translation>
    </message>
    <message>
        <source>{count} normalization layers are free to change, and batches of {size} images are too small for their statistics.</source>
        <translation>{count} 个归一化层可训练，而每批 {size} 张图像对其统计量来说太少。</translation>
    </message>
    <message>
        <source>Keep them frozen</source>
        <translation>保持冻结</translation>
    </message>
    <message>
        <source>{layers} layers are free to change, with {images} training images: they would learn the images by heart.</source>
        <translation>有 {layers} 层可训练，而训练图像只有 {images} 张：它们会死记这些图像。</translation>
    </message>
    <message>
        <source>Freeze all of them</source>
        <translation>全部冻结</translation>
    </message>
    <message>
        <source>Layers are tuned under a new classifier that knows nothing yet, which would disturb them.</source>
        <translation>在尚未学到任何东西的新分类器之下微调各层，会扰乱它们。</translation>
    </message>
    <message>
        <source>Let the classifier settle first</source>
        <translation>先让分类器稳定下来</translation>
    </message>
    <message>
        <source>The new classifier has {numbers} numbers to learn from {images} training images.</source>
        <translation>新分类器需要从 {images} 张训练图像中学习 {numbers} 个数值。</translation>
    </message>
    <message>
        <source>Use a single layer</source>
        <translation>只用一层</translation>
    </message>
    <message>
        <source>{count} pictures are in training and in the test, or nearly so: the score would be too good.</source>
        <translation>有 {count} 张图片同时（或几乎相同地）出现在训练集和测试集中：得分会过高。</translation>
    </message>
    <message>
        <source>{count} pictures are in two classes, or nearly so.</source>
        <translation>有 {count} 张图片同时（或几乎相同地）属于两个类别。</translation>
    </message>
    <message>
        <source>Keep them out of the test</source>
        <translation>不用于测试</translation>
    </message>
    <message>
        <source>Leave them out</source>
        <translation>排除它们</translation>
    </message>
    <message>
        <source>Some classes have far fewer images than others, and would hardly count.</source>
        <translation>有些类别的图像远少于其他类别，几乎不起作用。</translation>
    </message>
    <message>
        <source>Weigh the classes alike</source>
        <translation>使各类别权重相等</translation>
    </message>
    <message>
        <source>{count} classes have no validation images, the first is “{name}”: nobody would see whether they are learned.</source>
        <translation>有 {count} 个类别没有验证图像，第一个是“{name}”：无从得知它们是否被学会。</translation>
    </message>
    <message>
        <source>Validate on a fifth</source>
        <translation>用五分之一作验证</translation>
    </message>
    <message>
        <source>With {images} validation images the accuracy moves in large steps; the loss is the steadier judge.</source>
        <translation>只有 {images} 张验证图像时，准确率变化的步幅很大；损失是更稳定的评判标准。</translation>
    </message>
    <message>
        <source>Watch the loss</source>
        <translation>改为监视损失</translation>
    </message>
    <message>
        <source>A batch of {size} is larger than the training set of {images}: each epoch would be a single step.</source>
        <translation>批量 {size} 大于训练集的 {images} 张图像：每轮只有一步。</translation>
    </message>
    <message>
        <source>Use {size}</source>
        <translation>改用 {size}</translation>
    </message>
    <message>
        <source>Pixels are given as “{mode}”, but the network was trained on “{known}”.</source>
        <translation>像素以“{mode}”方式给出，而网络是用“{known}”训练的。</translation>
    </message>
    <message>
        <source>Use “{known}”</source>
        <translation>改用“{known}”</translation>
    </message>
    <message>
        <source>Images are changed anew in each epoch, so that the frozen layers are computed in each epoch again.</source>
        <translation>图像在每一轮都会重新变化，因此冻结的层每一轮都要重新计算。</translation>
    </message>
    <message>
        <source>Keep {views} versions of each</source>
        <translation>每张保留 {views} 个版本</translation>
    </message>
    <message>
        <source>The features at “{cut}” tell your classes apart worse than those at “{best}”.</source>
        <translation>“{cut}”处的特征区分您的类别的能力不如“{best}”处的特征。</translation>
    </message>
    <message>
        <source>Cut at “{best}”</source>
        <translation>在“{best}”处切分</translation>
    </message>
</context>
<context>
    <name>AdvicePage</name>
    <message>
        <source>The recommended way</source>
        <translation>推荐的方式</translation>
    </message>
    <message>
        <source>Keep the model&apos;s own classifier: the classes are the same</source>
        <translation>保留模型自己的分类器：类别相同</translation>
    </message>
    <message>
        <source>&amp;Look at the images and their labels…</source>
        <translation>查看图像及其标签(&amp;L)…</translation>
    </message>
    <message>
        <source>Advanced:</source>
        <translation>高级：</translation>
    </message>
    <message>
        <source>A classifier on several layers</source>
        <translation>多个层上的分类器</translation>
    </message>
    <message>
        <source>Tune one block alone</source>
        <translation>只微调一个块</translation>
    </message>
    <message>
        <source>Try all four, when the run has ended…</source>
        <translation>运行结束后四种都试一试…</translation>
    </message>
    <message>
        <source>&amp;Try all four…</source>
        <translation>四种都试一试(&amp;T)…</translation>
    </message>
    <message>
        <source>Train each way for the same short time on your images, and compare how they do</source>
        <translation>用您的图像将每种方式训练相同的一小段时间，并比较效果</translation>
    </message>
    <message>
        <source>A run is going on; the ways can be tried when it has ended</source>
        <translation>正在运行训练；结束后才能逐一尝试各种方式</translation>
    </message>
    <message>
        <source>No way can be recommended</source>
        <translation>没有可推荐的方式</translation>
    </message>
    <message>
        <source>You may still choose a way by hand.</source>
        <translation>您仍可以手动选择一种方式。</translation>
    </message>
    <message>
        <source>You chose “{chosen}” instead, which is meant for another case.</source>
        <translation>您选择了“{chosen}”，它适用于另一种情况。</translation>
    </message>
    <message>
        <source>Expected to be right on {share} of new images ({low} to {high}).</source>
        <translation>预计能正确识别 {share} 的新图像（{low} 至 {high}）。</translation>
    </message>
    <message>
        <source>Takes about {time} on this machine ({least} to {most}).</source>
        <translation>在本机上大约需要 {time}（{least} 至 {most}）。</translation>
    </message>
    <message>
        <source>Needs about {size} of memory, which this machine has.</source>
        <translation>大约需要 {size} 内存，本机足够。</translation>
    </message>
    <message>
        <source>Needs about {size} of memory, more than this machine has free.</source>
        <translation>大约需要 {size} 内存，超过本机的可用内存。</translation>
    </message>
    <message>
        <source>What speaks against it:</source>
        <translation>不利之处：</translation>
    </message>
</context>
<context>
    <name>ArchitectureBox</name>
    <message>
        <source>Weights without a network</source>
        <translation>没有网络的权重</translation>
    </message>
    <message>
        <source>The file holds only weights, and not how the layers are put together. Whose weights are they?</source>
        <translation>文件只含权重，没有说明各层如何连接。这些是哪个网络的权重？</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Arrays</source>
        <translation>数组</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Layers whose weights the file holds</source>
        <translation>文件含有其权重的层</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Network of the catalogue</source>
        <translation>目录中的网络</translation>
    </message>
    <message>
        <source>A file that describes it…</source>
        <translation>描述它的文件…</translation>
    </message>
    <message>
        <source>Described by {file}</source>
        <translation>由 {file} 描述</translation>
    </message>
</context>
<context>
    <name>AugmentationStrip</name>
    <message>
        <source>Changed at random</source>
        <translation>随机变化</translation>
    </message>
    <message>
        <source>As training images are, anew in each epoch; other images are never changed</source>
        <translation>与训练图像相同，每一轮重新随机变化；其他图像从不改变</translation>
    </message>
    <message>
        <source>Draw others</source>
        <translation>换一组</translation>
    </message>
    <message>
        <source>Show other random changes of the same image</source>
        <translation>显示同一张图像的另一组随机变化</translation>
    </message>
    <message>
        <source>Changed image {number}</source>
        <translation>变化后的图像 {number}</translation>
    </message>
</context>
<context>
    <name>BakeOffDialog</name>
    <message>
        <source>Try all ways</source>
        <translation>尝试所有方式</translation>
    </message>
    <message>
        <source>&amp;Time for each way</source>
        <translation>每种方式的时间(&amp;T)</translation>
    </message>
    <message>
        <source>Time for each way</source>
        <translation>每种方式的时间</translation>
    </message>
    <message>
        <source> s</source>
        <translation> 秒</translation>
    </message>
    <message>
        <source>Progress of the bake-off</source>
        <translation>试训比较的进度</translation>
    </message>
    <message>
        <source>&amp;Choose this way</source>
        <translation>选择这种方式(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>停止(&amp;S)</translation>
    </message>
    <message>
        <source>The ways are trained one after the other, each for the same time, and judged by the validation images. Ways that train much of the network need longer to show what they can do. Nothing of it is kept.</source>
        <translation>各种方式依次训练，时间相同，并用验证图像评判。训练网络较大部分的方式需要更长时间才能显出效果。训练结果都不保留。</translation>
    </message>
    <message>
        <source>⚠ The look at your images found nothing that can be learned from their labels. Whatever comes out of this is then most likely chance.</source>
        <translation>⚠ 对您的图像的查看没有发现能从其标签中学到的东西。因此这里得到的结果很可能只是偶然。</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <source>Preparing network and images…</source>
        <translation>正在准备网络和图像…</translation>
    </message>
    <message>
        <source>Way {number} of {all}: {way}. {done} of at most {total} are over.</source>
        <translation>第 {number} 种方式，共 {all} 种：{way}。已过 {done}，最多 {total}。</translation>
    </message>
    <message>
        <source>Equal for all: at most {time} of computing each, outputs of frozen layers included, and the same {images} validation images. Accuracies may be those of the best epochs, and then are a little too good.</source>
        <translation>各方式条件相同：每种最多计算 {time}（包括冻结层的输出），使用相同的 {images} 张验证图像。准确率可能取自最好的一轮，此时会略微偏高。</translation>
    </message>
    <message>
        <source>The time was too short for {ways}: no whole epoch, or none but of the new classifier alone. Give it longer before you judge by this.</source>
        <translation>时间对{ways}来说太短：没有完成一轮，或只训练了新的分类器。请给它更长时间，再据此判断。</translation>
    </message>
    <message>
        <source>Where less time is told, the way had come to its own end: nothing more was gained.</source>
        <translation>所用时间较短的方式是自行结束的：已不再有提高。</translation>
    </message>
    <message numerus="yes">
        <source>Try all %n way(s)</source>
        <translation>
            <numerusform>试训全部 %n 种方式</numerusform>
        </translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Try &amp;again</source>
        <translation>再试一次(&amp;A)</translation>
    </message>
    <message>
        <source>{time} altogether, and the time to load</source>
        <translation>共 {time}，另加载入时间</translation>
    </message>
    <message>
        <source>The bake-off was stopped.</source>
        <translation>试训比较已停止。</translation>
    </message>
</context>
<context>
    <name>CacheDialog</name>
    <message>
        <source>Cache</source>
        <translation>缓存</translation>
    </message>
    <message>
        <source>Decoded images, features of frozen layers and what is known of image folders are kept, so that the next time is faster. All of it is made again when it is missing.</source>
        <translation>解码后的图像、冻结层的特征以及对图像文件夹的了解都会保留下来，下次就更快。缺少时会重新生成。</translation>
    </message>
    <message>
        <source>Empty the cache</source>
        <translation>清空缓存</translation>
    </message>
    <message>
        <source>Keep at most</source>
        <translation>最多保留</translation>
    </message>
    <message>
        <source>Largest size of the cache</source>
        <translation>缓存的最大容量</translation>
    </message>
    <message>
        <source> GB</source>
        <translation> GB</translation>
    </message>
    <message>
        <source>Not while a training is going on</source>
        <translation>训练进行时不能清空</translation>
    </message>
    <message>
        <source>What was not used for longest makes room; a training may need more while it goes on.</source>
        <translation>最久未使用的内容会先被清除；训练进行时可能需要更多空间。</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>It holds {size}.</source>
        <translation>共占用 {size}。</translation>
    </message>
</context>
<context>
    <name>Choosing</name>
    <message>
        <source>Keras ({suffixes})</source>
        <translation>Keras（{suffixes}）</translation>
    </message>
    <message>
        <source>Keras, HDF5 ({suffixes})</source>
        <translation>Keras，HDF5（{suffixes}）</translation>
    </message>
    <message>
        <source>TensorFlow SavedModel, a folder ({suffixes})</source>
        <translation>TensorFlow SavedModel，文件夹（{suffixes}）</translation>
    </message>
    <message>
        <source>TensorFlow Lite ({suffixes})</source>
        <translation>TensorFlow Lite（{suffixes}）</translation>
    </message>
    <message>
        <source>ONNX ({suffixes})</source>
        <translation>ONNX（{suffixes}）</translation>
    </message>
    <message>
        <source>Trained models ({suffixes});;All files (*)</source>
        <translation>训练好的模型 ({suffixes});;所有文件 (*)</translation>
    </message>
    <message>
        <source>Open a trained model</source>
        <translation>打开训练好的模型</translation>
    </message>
    <message>
        <source>Open a model folder (SavedModel)</source>
        <translation>打开模型文件夹（SavedModel）</translation>
    </message>
    <message>
        <source>Descriptions and weights ({suffixes});;All files (*)</source>
        <translation>描述和权重 ({suffixes});;所有文件 (*)</translation>
    </message>
    <message>
        <source>Open the file that belongs to the model</source>
        <translation>打开属于该模型的文件</translation>
    </message>
    <message>
        <source>Choose the folder of the model library</source>
        <translation>选择模型库所在的文件夹</translation>
    </message>
    <message>
        <source>Open an image folder</source>
        <translation>打开图像文件夹</translation>
    </message>
    <message>
        <source>Open a table of images</source>
        <translation>打开图像表格</translation>
    </message>
    <message>
        <source>Tables (*.csv *.tsv)</source>
        <translation>表格 (*.csv *.tsv)</translation>
    </message>
    <message>
        <source>Open a project</source>
        <translation>打开项目</translation>
    </message>
    <message>
        <source>TLStudio projects (*.tlstudio)</source>
        <translation>TLStudio 项目 (*.tlstudio)</translation>
    </message>
    <message>
        <source>Save the project</source>
        <translation>保存项目</translation>
    </message>
    <message>
        <source>Export the model</source>
        <translation>导出模型</translation>
    </message>
</context>
<context>
    <name>ClassMenu</name>
    <message>
        <source>New class…</source>
        <translation>新类别…</translation>
    </message>
    <message>
        <source>New class</source>
        <translation>新类别</translation>
    </message>
    <message>
        <source>Name of the class</source>
        <translation>类别名称</translation>
    </message>
</context>
<context>
    <name>ClassTableModel</name>
    <message>
        <source>Class</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation>示例</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Validate</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>测试</translation>
    </message>
</context>
<context>
    <name>ClosingQuestion</name>
    <message>
        <source>Training is going on</source>
        <translation>训练正在进行</translation>
    </message>
    <message>
        <source>A training run is going on. What shall become of it?</source>
        <translation>有一次训练正在运行。要如何处理？</translation>
    </message>
    <message>
        <source>A run that is stopped keeps its best model so far, and can be resumed later from where it is now.</source>
        <translation>停止后会保留目前最佳的模型，以后可以从当前位置恢复运行。</translation>
    </message>
    <message>
        <source>Stop and save</source>
        <translation>停止并保存</translation>
    </message>
    <message>
        <source>Keep running</source>
        <translation>继续运行</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>The window is minimised, and the run goes on in it</source>
        <translation>窗口会最小化，训练在其中继续运行</translation>
    </message>
</context>
<context>
    <name>ColumnBoxes</name>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Train or test</source>
        <translation>训练或测试</translation>
    </message>
    <message>
        <source>Group (such as the patient)</source>
        <translation>分组（例如病人）</translation>
    </message>
    <message>
        <source>found by itself</source>
        <translation>自动识别</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
</context>
<context>
    <name>ColumnsDialog</name>
    <message>
        <source>Columns of {name}</source>
        <translation>{name} 的列</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Training</source>
        <translation>训练(&amp;T)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Toolbar</source>
        <translation>工具栏</translation>
    </message>
    <message>
        <source>Open model…</source>
        <translation>打开模型…</translation>
    </message>
    <message>
        <source>Open image folder…</source>
        <translation>打开图像文件夹…</translation>
    </message>
    <message>
        <source>Open a folder that has one folder of images per class</source>
        <translation>打开每个类别一个子文件夹的图像文件夹</translation>
    </message>
    <message>
        <source>Open project…</source>
        <translation>打开项目…</translation>
    </message>
    <message>
        <source>Open the sample</source>
        <translation>打开示例</translation>
    </message>
    <message>
        <source>Save project…</source>
        <translation>保存项目…</translation>
    </message>
    <message>
        <source>Close project</source>
        <translation>关闭项目</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Strategy wizard…</source>
        <translation>策略向导…</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Open a trained model (.h5, .hdf5, .keras, .caffemodel, or a description with its weights)</source>
        <translation>打开训练好的模型（.h5、.hdf5、.keras、.caffemodel，或附有权重的网络描述）</translation>
    </message>
    <message>
        <source>Open model folder…</source>
        <translation>打开模型文件夹…</translation>
    </message>
    <message>
        <source>Open a model that is a folder (SavedModel)</source>
        <translation>打开以文件夹形式保存的模型（SavedModel）</translation>
    </message>
    <message>
        <source>Model library…</source>
        <translation>模型库…</translation>
    </message>
    <message>
        <source>Models on this machine, and where to put those that are missing</source>
        <translation>本机上的模型，以及缺少的模型应放到何处</translation>
    </message>
    <message>
        <source>Open table of images…</source>
        <translation>打开图像表格…</translation>
    </message>
    <message>
        <source>Open a CSV or TSV file that names images and their classes</source>
        <translation>打开列出图像及其类别的 CSV 或 TSV 文件</translation>
    </message>
    <message>
        <source>Reading the images…</source>
        <translation>读取图像的方式…</translation>
    </message>
    <message>
        <source>Cache…</source>
        <translation>缓存…</translation>
    </message>
    <message>
        <source>Export model…</source>
        <translation>导出模型…</translation>
    </message>
    <message>
        <source>Write the model of the run whose result is shown for other programs (Ctrl+E)</source>
        <translation>将所显示结果的运行的模型写成其他程序可用的格式（Ctrl+E）</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop; the best model so far is kept (F7)</source>
        <translation>停止；保留目前最佳的模型（F7）</translation>
    </message>
    <message>
        <source>About TLStudio</source>
        <translation>关于 TLStudio</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Train by the plan (F5)</source>
        <translation>按方案训练（F5）</translation>
    </message>
    <message>
        <source>Open a model and an image folder first</source>
        <translation>请先打开模型和图像文件夹</translation>
    </message>
    <message>
        <source>Find the right way to train, by what the network knows of your images</source>
        <translation>根据网络对您的图像的了解，找到合适的训练方式</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Undo {edit}</source>
        <translation>撤销：{edit}</translation>
    </message>
    <message>
        <source>Redo {edit}</source>
        <translation>重做：{edit}</translation>
    </message>
</context>
<context>
    <name>ConfusionModel</name>
    <message>
        <source>{count} images of “{true}” were taken for “{predicted}”</source>
        <translation>有 {count} 张“{true}”图像被判为“{predicted}”</translation>
    </message>
</context>
<context>
    <name>CurveChart</name>
    <message>
        <source>Loss</source>
        <translation>损失</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>Epoch</source>
        <translation>轮次</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>训练</translation>
    </message>
    <message>
        <source>Validation</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>Epoch that is kept</source>
        <translation>保留的轮次</translation>
    </message>
</context>
<context>
    <name>Cuts</name>
    <message>
        <source>it is the input, and nothing would be left below it.</source>
        <translation>它是输入层，其下不会剩下任何层。</translation>
    </message>
    <message>
        <source>other branches run past it and join it only at “{join}”. Cut at a layer where all branches have met.</source>
        <translation>有其他分支绕过它，到“{join}”才汇合。请在所有分支汇合之后的层截断。</translation>
    </message>
    <message>
        <source>the layer is used more than once in the network.</source>
        <translation>该层在网络中被使用了多次。</translation>
    </message>
    <message>
        <source>it does not lie on the way from the image to the class scores.</source>
        <translation>它不在从图像到类别得分的路径上。</translation>
    </message>
    <message>
        <source>the network has several inputs or outputs.</source>
        <translation>该网络有多个输入或输出。</translation>
    </message>
</context>
<context>
    <name>DatasetPanel</name>
    <message>
        <source>No image folder is open</source>
        <translation>尚未打开图像文件夹</translation>
    </message>
    <message>
        <source>Choose an image folder…</source>
        <translation>选择图像文件夹…</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>更换…</translation>
    </message>
    <message>
        <source>Choose another image folder</source>
        <translation>选择其他图像文件夹</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Classes found so far</source>
        <translation>目前找到的类别</translation>
    </message>
    <message>
        <source>Classes of the image folder</source>
        <translation>图像文件夹中的类别</translation>
    </message>
    <message>
        <source>What is wrong with the images, and what can be done</source>
        <translation>图像有什么问题，可以怎么处理</translation>
    </message>
    <message>
        <source>Images…</source>
        <translation>图像…</translation>
    </message>
    <message>
        <source>How the images are read: classes, groups, pages, scaling</source>
        <translation>如何读取图像：类别、分组、页、缩放</translation>
    </message>
    <message>
        <source>the dataset says which images train and test</source>
        <translation>由数据集决定哪些图像用于训练和测试</translation>
    </message>
    <message numerus="yes">
        <source>; %Ln left out</source>
        <translation>
            <numerusform>；已排除 %Ln 张</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln problem(s) found</source>
        <translation>
            <numerusform>发现 %Ln 个问题</numerusform>
        </translation>
    </message>
    <message>
        <source>All problems are remedied</source>
        <translation>所有问题都已处理</translation>
    </message>
    <message>
        <source>Looking at the images: {done} of {total}</source>
        <translation>正在查看图像：{done} / {total}</translation>
    </message>
    <message>
        <source>Drop a folder here that has one folder of images per class, or a table (CSV, TSV) that names images</source>
        <translation>把图像文件夹（每个类别一个子文件夹）或列出图像的表格（CSV、TSV）拖到这里</translation>
    </message>
    <message>
        <source>Looking for images…</source>
        <translation>正在查找图像…</translation>
    </message>
    <message>
        <source>split automatically</source>
        <translation>自动划分</translation>
    </message>
    <message>
        <source>{name}: {usable} images in {classes} classes, {how}</source>
        <translation>{name}：{classes} 个类别共 {usable} 张图像，{how}</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>the file is empty</source>
        <translation>文件是空的</translation>
    </message>
    <message>
        <source>it is a folder</source>
        <translation>它是文件夹</translation>
    </message>
    <message>
        <source>it is a PDF document</source>
        <translation>它是 PDF 文档</translation>
    </message>
    <message>
        <source>it is a PNG image</source>
        <translation>它是 PNG 图像</translation>
    </message>
    <message>
        <source>it is a JPEG image</source>
        <translation>它是 JPEG 图像</translation>
    </message>
    <message>
        <source>it is a Python pickle</source>
        <translation>它是 Python pickle 文件</translation>
    </message>
    <message>
        <source>it is a gzip archive</source>
        <translation>它是 gzip 压缩包</translation>
    </message>
    <message>
        <source>it is a Git LFS pointer, the real file was not downloaded</source>
        <translation>它是 Git LFS 指针，真正的文件尚未下载</translation>
    </message>
    <message>
        <source>it is HDF5, but holds no network</source>
        <translation>它是 HDF5，但其中没有网络</translation>
    </message>
    <message>
        <source>it is a PyTorch file with pickled code</source>
        <translation>它是含有 pickle 代码的 PyTorch 文件</translation>
    </message>
    <message>
        <source>it is a zip archive without a network</source>
        <translation>它是不含网络的 zip 压缩包</translation>
    </message>
    <message>
        <source>its weights are missing</source>
        <translation>缺少权重</translation>
    </message>
    <message>
        <source>a weight is not an array</source>
        <translation>某个权重不是数组</translation>
    </message>
    <message>
        <source>its description is not valid JSON</source>
        <translation>其描述不是有效的 JSON</translation>
    </message>
    <message>
        <source>it names no network class</source>
        <translation>它没有指明网络的类别</translation>
    </message>
    <message>
        <source>it has no layers</source>
        <translation>它没有层</translation>
    </message>
    <message>
        <source>it does not say what shape of input it takes</source>
        <translation>它没有说明输入的形状</translation>
    </message>
    <message>
        <source>the archive names a place outside itself, “{name}”</source>
        <translation>压缩包指向其外部的位置“{name}”</translation>
    </message>
    <message>
        <source>the network&apos;s description is too large</source>
        <translation>网络的描述太大</translation>
    </message>
    <message>
        <source>it is a gzip archive; unpack it first</source>
        <translation>是 gzip 压缩包，请先解压</translation>
    </message>
    <message>
        <source>it is a 7z archive; unpack it first</source>
        <translation>是 7z 压缩包，请先解压</translation>
    </message>
    <message>
        <source>it is a RAR archive; unpack it first</source>
        <translation>是 RAR 压缩包，请先解压</translation>
    </message>
    <message>
        <source>it is a tar archive; unpack it first</source>
        <translation>是 tar 归档，请先解包</translation>
    </message>
    <message>
        <source>it is a web page, the real file was not downloaded</source>
        <translation>是网页，真正的文件没有下载下来</translation>
    </message>
    <message>
        <source>it is not an ordinary file</source>
        <translation>不是普通文件</translation>
    </message>
    <message>
        <source>it is a folder without a model in it</source>
        <translation>该文件夹中没有模型</translation>
    </message>
    <message>
        <source>its first bytes are those of no kind of model that is known</source>
        <translation>其开头的字节不属于任何已知类型的模型</translation>
    </message>
    <message>
        <source>it is a {kind} file, which describes no network of Keras</source>
        <translation>是 {kind} 文件，没有描述 Keras 网络</translation>
    </message>
    <message>
        <source>it is a {kind} file, not a description as JSON or YAML</source>
        <translation>是 {kind} 文件，而不是 JSON 或 YAML 格式的描述</translation>
    </message>
    <message>
        <source>it describes no network</source>
        <translation>它没有描述网络</translation>
    </message>
    <message>
        <source>it holds several networks: {names}</source>
        <translation>其中有多个网络：{names}</translation>
    </message>
    <message>
        <source>no file in it describes a network</source>
        <translation>其中没有描述网络的文件</translation>
    </message>
    <message>
        <source>it is HDF5, but holds no weights</source>
        <translation>是 HDF5，但其中没有权重</translation>
    </message>
    <message>
        <source>it is a SavedModel written as text; ask for the binary form, saved_model.pb</source>
        <translation>是以文本写成的 SavedModel；请索取二进制形式的 saved_model.pb</translation>
    </message>
    <message>
        <source>it is a folder without one SavedModel in it</source>
        <translation>该文件夹中没有唯一的 SavedModel</translation>
    </message>
    <message>
        <source>it is a graph model of TensorFlow.js, which has no Keras layers any more</source>
        <translation>是 TensorFlow.js 的图模型，其中不再有 Keras 层</translation>
    </message>
    <message>
        <source>there is no layer in it</source>
        <translation>其中没有层</translation>
    </message>
    <message>
        <source>it does not say which layers it holds</source>
        <translation>没有说明含有哪些层</translation>
    </message>
    <message>
        <source>its description is not valid YAML</source>
        <translation>其描述不是有效的 YAML</translation>
    </message>
    <message>
        <source>its weights are a numpy archive, which may hold program code</source>
        <translation>其权重是 numpy 归档，其中可能含有程序代码</translation>
    </message>
    <message>
        <source>the archive holds {count} files</source>
        <translation>压缩包含有 {count} 个文件</translation>
    </message>
    <message>
        <source>the archive holds “{name}” twice</source>
        <translation>压缩包两次含有“{name}”</translation>
    </message>
    <message>
        <source>“{name}” is a link to another place</source>
        <translation>“{name}”是指向别处的链接</translation>
    </message>
    <message>
        <source>“{name}” is encrypted</source>
        <translation>“{name}”已加密</translation>
    </message>
    <message>
        <source>“{name}” unpacks to {size} bytes</source>
        <translation>“{name}”解压后有 {size} 字节</translation>
    </message>
    <message>
        <source>“{name}” is no ordinary file</source>
        <translation>“{name}”不是普通文件</translation>
    </message>
    <message>
        <source>“{name}” is not a group</source>
        <translation>“{name}”不是组</translation>
    </message>
    <message>
        <source>“{name}” is not there</source>
        <translation>“{name}”不存在</translation>
    </message>
    <message>
        <source>“{name}” is missing</source>
        <translation>缺少“{name}”</translation>
    </message>
    <message>
        <source>“{name}” is not whole</source>
        <translation>“{name}”不完整</translation>
    </message>
    <message>
        <source>“{name}” has {size} MB</source>
        <translation>“{name}”有 {size} MB</translation>
    </message>
    <message>
        <source>“{name}” holds no network</source>
        <translation>“{name}”中没有网络</translation>
    </message>
    <message>
        <source>“{name}” is packed with the unknown filter {filter}</source>
        <translation>“{name}”用未知的过滤器 {filter} 压缩</translation>
    </message>
    <message>
        <source>“{name}” holds something that is not a name</source>
        <translation>“{name}”中有不是名称的内容</translation>
    </message>
    <message>
        <source>a link inside the file, “{name}”</source>
        <translation>文件内的链接“{name}”</translation>
    </message>
    <message>
        <source>its groups are nested without end</source>
        <translation>其中的组无止境地嵌套</translation>
    </message>
    <message>
        <source>it holds more than {count} weights</source>
        <translation>它含有超过 {count} 个权重</translation>
    </message>
    <message>
        <source>it claims more than {count} layers</source>
        <translation>它声称有超过 {count} 个层</translation>
    </message>
    <message>
        <source>it comes to more than {count} layers</source>
        <translation>它会产生超过 {count} 个层</translation>
    </message>
    <message>
        <source>it claims more than {count} operations</source>
        <translation>它声称有超过 {count} 个运算</translation>
    </message>
    <message>
        <source>it claims {count} functions</source>
        <translation>它声称有 {count} 个函数</translation>
    </message>
    <message>
        <source>it claims {count} objects</source>
        <translation>它声称有 {count} 个对象</translation>
    </message>
    <message>
        <source>it claims {count} files of weights</source>
        <translation>它声称有 {count} 个权重文件</translation>
    </message>
    <message>
        <source>networks are nested without end</source>
        <translation>网络无止境地嵌套</translation>
    </message>
    <message>
        <source>a Lambda layer is hidden in another layer</source>
        <translation>另一层中藏有 Lambda 层</translation>
    </message>
    <message>
        <source>the operation “{name}” holds more than numbers</source>
        <translation>运算“{name}”所含的不只是数值</translation>
    </message>
    <message>
        <source>layer “{layer}” asks for {name} in “{key}”</source>
        <translation>层“{layer}”在“{key}”中要求 {name}</translation>
    </message>
    <message>
        <source>layer “{layer}” names an object in “{key}”</source>
        <translation>层“{layer}”在“{key}”中指定了一个对象</translation>
    </message>
    <message>
        <source>it asks for “{name}”</source>
        <translation>它要求“{name}”</translation>
    </message>
    <message>
        <source>a part of it holds itself</source>
        <translation>其中有一部分包含自身</translation>
    </message>
    <message>
        <source>it is nested without end</source>
        <translation>它无止境地嵌套</translation>
    </message>
    <message>
        <source>it repeats itself by references to more than any network holds</source>
        <translation>它通过引用不断重复，超出任何网络所含的内容</translation>
    </message>
    <message>
        <source>it is far larger than any description of a network</source>
        <translation>它远大于任何网络描述</translation>
    </message>
    <message>
        <source>it is no mean image</source>
        <translation>它不是均值图像</translation>
    </message>
    <message>
        <source>layer “{layer}” has {count} blobs</source>
        <translation>层“{layer}”有 {count} 个数据块</translation>
    </message>
    <message>
        <source>there are none for the layer “{layer}”</source>
        <translation>层“{layer}”没有权重</translation>
    </message>
    <message>
        <source>there are no weights for the layer “{layer}”</source>
        <translation>层“{layer}”没有权重</translation>
    </message>
    <message>
        <source>the network has no layer for “{layer}” ({shapes})</source>
        <translation>网络中没有与“{layer}”（{shapes}）对应的层</translation>
    </message>
    <message>
        <source>“{layer}” holds {received}, where “{path}” takes {expected}</source>
        <translation>“{layer}”含有 {received}，而“{path}”需要 {expected}</translation>
    </message>
    <message>
        <source>its names say nothing, and “{first}” and “{second}” take weights of the same shapes</source>
        <translation>其名称没有意义，而“{first}”和“{second}”需要相同形状的权重</translation>
    </message>
    <message>
        <source>layer “{layer}” keeps values between {low} and {high}</source>
        <translation>层“{layer}”把值限制在 {low} 与 {high} 之间</translation>
    </message>
    <message>
        <source>layer “{layer}” takes the logarithm to the base 1</source>
        <translation>层“{layer}”以 1 为底取对数</translation>
    </message>
    <message>
        <source>layer “{layer}” has a setting that is no number</source>
        <translation>层“{layer}”有不是数值的设置</translation>
    </message>
    <message>
        <source>layer “{layer}” reshapes the axes {start} to {stop} of {rank}</source>
        <translation>层“{layer}”把 {rank} 个轴中的第 {start} 至 {stop} 个变形</translation>
    </message>
    <message>
        <source>layer “{layer}” cuts {axes} axes at {places} places</source>
        <translation>层“{layer}”在 {places} 处切 {axes} 个轴</translation>
    </message>
    <message>
        <source>layer “{layer}” cuts {part} out of {whole}</source>
        <translation>层“{layer}”从 {whole} 中切出 {part}</translation>
    </message>
    <message>
        <source>it is the mean image of a Caffe network; open the .caffemodel beside it</source>
        <translation>它是 Caffe 网络的均值图像；请打开旁边的 .caffemodel</translation>
    </message>
    <message>
        <source>layer “{layer}” would give {count} values for one image</source>
        <translation>层“{layer}”会为一张图像给出 {count} 个值</translation>
    </message>
    <message>
        <source>layer “{layer}” would give an output of shape {shape}</source>
        <translation>层“{layer}”会给出形状为 {shape} 的输出</translation>
    </message>
    <message>
        <source>layer “{layer}” of type {type} takes {expected}, the file has {received}</source>
        <translation>类型为 {type} 的层“{layer}”需要 {expected}，文件中是 {received}</translation>
    </message>
    <message>
        <source>“{layer}” takes a tensor that nothing gives</source>
        <translation>“{layer}”使用了没有来源的张量</translation>
    </message>
    <message>
        <source>“{layer}” takes {expected} inputs and is given {received}</source>
        <translation>“{layer}”需要 {expected} 个输入，却得到 {received} 个</translation>
    </message>
    <message>
        <source>“{layer}” in a Sequential is given {count} tensors</source>
        <translation>Sequential 中的“{layer}”得到 {count} 个张量</translation>
    </message>
    <message>
        <source>the layer “{layer}” is called with the option “{option}”</source>
        <translation>层“{layer}”以选项“{option}”调用</translation>
    </message>
    <message>
        <source>the layer “{layer}” is called with something that is no tensor</source>
        <translation>层“{layer}”以不是张量的内容调用</translation>
    </message>
    <message>
        <source>its input has no shape</source>
        <translation>其输入没有形状</translation>
    </message>
    <message>
        <source>a layer has no type</source>
        <translation>有一层没有类型</translation>
    </message>
    <message>
        <source>“{name}” holds values of type {type}</source>
        <translation>“{name}”中的值类型为 {type}</translation>
    </message>
    <message>
        <source>a member of the archive has no header</source>
        <translation>压缩包的成员没有文件头</translation>
    </message>
    <message>
        <source>“{name}” belongs to no part of the layer “{layer}”</source>
        <translation>“{name}”不属于层“{layer}”的任何部分</translation>
    </message>
    <message>
        <source>“{name}” belongs to no single layer of “{branch}”</source>
        <translation>“{name}”不属于“{branch}”的任何单一层</translation>
    </message>
    <message>
        <source>there is no layer “{name}”</source>
        <translation>没有层“{name}”</translation>
    </message>
    <message>
        <source>“{name}” belongs to a network and to none of its layers</source>
        <translation>“{name}”属于某个网络，但不属于其任何层</translation>
    </message>
    <message>
        <source>“{path}” has {size} bytes where some {expected} belong: it was cut off or is another file</source>
        <translation>“{path}”有 {size} 字节，而应约有 {expected} 字节：它被截断了，或是另一个文件</translation>
    </message>
    <message>
        <source>“{name}” has {size} MB, more than any honest one</source>
        <translation>“{name}”有 {size} MB，超过任何正常文件</translation>
    </message>
    <message>
        <source>it has no signature that tells what it takes and gives</source>
        <translation>它没有说明输入和输出的签名</translation>
    </message>
    <message>
        <source>a blob claims {claimed} values and holds {count}</source>
        <translation>一个数据块声称有 {claimed} 个值，实际含有 {count} 个</translation>
    </message>
    <message>
        <source>a layer&apos;s description is too long</source>
        <translation>某层的描述过长</translation>
    </message>
    <message>
        <source>a blob has too many axes</source>
        <translation>一个数据块的轴过多</translation>
    </message>
    <message>
        <source>a layer has too many blobs</source>
        <translation>某层的数据块过多</translation>
    </message>
    <message>
        <source>layer “{layer}” has the kernel {kernel}, the stride {stride}, the border {border}</source>
        <translation>层“{layer}”的卷积核为 {kernel}，步长为 {stride}，边界为 {border}</translation>
    </message>
    <message>
        <source>layer “{layer}” takes “{name}”, which no layer below it gives</source>
        <translation>层“{layer}”使用了“{name}”，但其下方没有层给出它</translation>
    </message>
    <message>
        <source>layer “{layer}” gives {count} tensors</source>
        <translation>层“{layer}”给出 {count} 个张量</translation>
    </message>
    <message>
        <source>nothing of it depends on an image</source>
        <translation>其中没有任何部分取决于图像</translation>
    </message>
    <message>
        <source>layer “{layer}” makes {filters} filters of {channels} channels in {groups} groups</source>
        <translation>层“{layer}”用 {channels} 个通道、{groups} 组构成 {filters} 个滤波器</translation>
    </message>
    <message>
        <source>layer “{layer}” puts together tensors of different sizes</source>
        <translation>层“{layer}”把大小不同的张量合在一起</translation>
    </message>
    <message>
        <source>layer “{layer}” drops the share {rate}</source>
        <translation>层“{layer}”的丢弃比例为 {rate}</translation>
    </message>
    <message>
        <source>layer “{layer}” has the base {base}</source>
        <translation>层“{layer}”的底数为 {base}</translation>
    </message>
    <message>
        <source>layer “{layer}” adds {number} to the variance</source>
        <translation>层“{layer}”在方差上加 {number}</translation>
    </message>
    <message>
        <source>layer “{layer}” looks at {count} neighbours</source>
        <translation>层“{layer}”查看 {count} 个相邻通道</translation>
    </message>
    <message>
        <source>layer “{layer}” has a border as wide as its kernel</source>
        <translation>层“{layer}”的边界与卷积核一样宽</translation>
    </message>
    <message>
        <source>nothing is left of an image in layer “{layer}”</source>
        <translation>图像在层“{layer}”中已不剩任何内容</translation>
    </message>
    <message>
        <source>layer “{layer}” works along axis {axis} of {rank}</source>
        <translation>层“{layer}”沿 {rank} 个轴中的第 {axis} 个运算</translation>
    </message>
    <message>
        <source>layer “{layer}” has {units} units</source>
        <translation>层“{layer}”有 {units} 个单元</translation>
    </message>
    <message>
        <source>layer “{layer}” flattens from axis {first} to {last}</source>
        <translation>层“{layer}”从第 {first} 轴展平到第 {last} 轴</translation>
    </message>
    <message>
        <source>layer “{layer}” reshapes {before} into {after}</source>
        <translation>层“{layer}”把 {before} 变形为 {after}</translation>
    </message>
    <message>
        <source>layer “{layer}” puts the axes into the order {order}</source>
        <translation>层“{layer}”把各轴排成 {order} 的顺序</translation>
    </message>
    <message>
        <source>layer “{layer}” cuts {size} values into {count} pieces at {places}</source>
        <translation>层“{layer}”在 {places} 处把 {size} 个值切成 {count} 段</translation>
    </message>
    <message>
        <source>layer “{layer}” deals {channels} channels out over {groups} groups</source>
        <translation>层“{layer}”把 {channels} 个通道分到 {groups} 组</translation>
    </message>
    <message>
        <source>{means} means are to be subtracted from {channels} channels</source>
        <translation>要从 {channels} 个通道中减去 {means} 个均值</translation>
    </message>
    <message>
        <source>the mean image has {means} channels, the images {channels}</source>
        <translation>均值图像有 {means} 个通道，而图像有 {channels} 个</translation>
    </message>
    <message>
        <source>it is named as a description in text, but holds binary weights; its name may have been exchanged with the .caffemodel&apos;s</source>
        <translation>从名称看它是文本描述，却含有二进制权重；其名称可能与 .caffemodel 的弄反了</translation>
    </message>
    <message>
        <source>it is named as weights, but holds a description in text; its name may have been exchanged with the .prototxt&apos;s</source>
        <translation>从名称看它是权重，却含有文本描述；其名称可能与 .prototxt 的弄反了</translation>
    </message>
    <message>
        <source>a name in it is no text</source>
        <translation>其中有名称不是文本</translation>
    </message>
    <message>
        <source>its weights are {what}; ask for the model before it was made smaller for the web</source>
        <translation>其权重是 {what}；请索取为网页缩小之前的模型</translation>
    </message>
    <message>
        <source>the weights of “{layer}” depend on the size of the images; name it (--input-size)</source>
        <translation>“{layer}”的权重取决于图像尺寸；请指明尺寸（--input-size）</translation>
    </message>
    <message>
        <source>the checkpoint does not say whose its variables are</source>
        <translation>检查点没有说明变量属于谁</translation>
    </message>
    <message>
        <source>layer {place} is not in the checkpoint</source>
        <translation>检查点中没有层 {place}</translation>
    </message>
    <message>
        <source>layer “{layer}” names an object that is not there</source>
        <translation>层“{layer}”指定了不存在的对象</translation>
    </message>
    <message>
        <source>the network has {layers} layers, its checkpoint {count}</source>
        <translation>网络有 {layers} 层，而其检查点有 {count} 层</translation>
    </message>
    <message>
        <source>“{name}” belongs to “{first}” and to “{second}”</source>
        <translation>“{name}”既属于“{first}”又属于“{second}”</translation>
    </message>
    <message>
        <source>“{name}” belongs to no layer</source>
        <translation>“{name}”不属于任何层</translation>
    </message>
    <message>
        <source>“{name}” is named and is not there</source>
        <translation>指定了“{name}”，但它不存在</translation>
    </message>
    <message>
        <source>“{name}” takes {expected} values and is given {received}</source>
        <translation>“{name}”需要 {expected} 个值，却得到 {received} 个</translation>
    </message>
    <message>
        <source>its functions call each other without end</source>
        <translation>其中的函数无止境地互相调用</translation>
    </message>
    <message>
        <source>its graph runs in a circle at “{name}”</source>
        <translation>其运算图在“{name}”处形成环</translation>
    </message>
    <message>
        <source>its network has more than {count} operations</source>
        <translation>其网络有超过 {count} 个运算</translation>
    </message>
    <message>
        <source>its operation {operation} ({name}) has effects beyond arithmetic</source>
        <translation>其运算 {operation}（{name}）的作用超出了算术</translation>
    </message>
    <message>
        <source>its operation {operation} ({name}) is a loop, which may never end</source>
        <translation>其运算 {operation}（{name}）是循环，可能永不结束</translation>
    </message>
    <message>
        <source>its operation {operation} ({name}) reaches for files</source>
        <translation>其运算 {operation}（{name}）会访问文件</translation>
    </message>
    <message>
        <source>its operation {operation} ({name}) reaches for {reason}</source>
        <translation>其运算 {operation}（{name}）会访问 {reason}</translation>
    </message>
    <message>
        <source>its weights are stored big end first</source>
        <translation>其权重以大端序存储</translation>
    </message>
    <message>
        <source>the list of its variables has no head</source>
        <translation>其变量列表没有开头</translation>
    </message>
    <message>
        <source>the list of its variables is too large</source>
        <translation>其变量列表过大</translation>
    </message>
    <message>
        <source>nothing that it gives is computed from an image</source>
        <translation>它给出的结果都不是由图像计算出来的</translation>
    </message>
    <message>
        <source>it gives no numbers</source>
        <translation>它不给出数值</translation>
    </message>
    <message>
        <source>it takes no pixels</source>
        <translation>它不接受像素</translation>
    </message>
    <message>
        <source>it takes text or encoded files, and no pixels</source>
        <translation>它接受文本或编码的文件，而不是像素</translation>
    </message>
    <message>
        <source>it takes numbers of shape {shape}</source>
        <translation>它接受形状为 {shape} 的数值</translation>
    </message>
    <message>
        <source>its list of weights makes no sense</source>
        <translation>其权重列表没有意义</translation>
    </message>
    <message>
        <source>there are more bytes than weights</source>
        <translation>字节数多于权重</translation>
    </message>
    <message>
        <source>there are too few bytes for “{name}”</source>
        <translation>“{name}”的字节数不足</translation>
    </message>
    <message>
        <source>“{name}” ends within a number</source>
        <translation>“{name}”在一个数值中间结束</translation>
    </message>
    <message>
        <source>it names weights in another place, “{name}”</source>
        <translation>它指定了位于别处的权重“{name}”</translation>
    </message>
    <message>
        <source>reading it took more than {seconds} seconds</source>
        <translation>读取花了超过 {seconds} 秒</translation>
    </message>
    <message>
        <source>the process that read it gave no answer that makes sense</source>
        <translation>读取它的进程没有给出有意义的回答</translation>
    </message>
    <message>
        <source>it needs more memory than any honest file of its size</source>
        <translation>它所需的内存超过任何同样大小的正常文件</translation>
    </message>
    <message>
        <source>the checkpoint was damaged on its way</source>
        <translation>检查点在传输途中损坏</translation>
    </message>
    <message>
        <source>what was written cannot be read back</source>
        <translation>写入的内容无法读回</translation>
    </message>
    <message>
        <source>the process that read it ended with {end}</source>
        <translation>读取它的进程异常结束（{end}）</translation>
    </message>
    <message>
        <source>it asks for the custom code “{name}”</source>
        <translation>它需要自定义代码“{name}”</translation>
    </message>
    <message>
        <source>it asks for code from “{name}”</source>
        <translation>它需要来自“{name}”的代码</translation>
    </message>
    <message>
        <source>a link to the file “{name}”</source>
        <translation>指向文件“{name}”的链接</translation>
    </message>
    <message>
        <source>“{name}” keeps its data in another file</source>
        <translation>“{name}”的数据存放在另一个文件中</translation>
    </message>
    <message>
        <source>“{name}” claims {claimed} bytes but stores {stored}</source>
        <translation>“{name}”声称有 {claimed} 字节，实际只有 {stored}</translation>
    </message>
    <message>
        <source>layer “{layer}” takes {expected}, the file has {received}</source>
        <translation>层“{layer}”需要 {expected}，文件中是 {received}</translation>
    </message>
    <message>
        <source>it takes {count} inputs</source>
        <translation>它有 {count} 个输入</translation>
    </message>
    <message>
        <source>it gives {count} outputs</source>
        <translation>它有 {count} 个输出</translation>
    </message>
    <message>
        <source>it works on text or other sequences (layer “{layer}”)</source>
        <translation>它处理文本或其他序列（层“{layer}”）</translation>
    </message>
    <message>
        <source>its input of shape {shape} is not an image</source>
        <translation>其输入形状 {shape} 不是图像</translation>
    </message>
    <message>
        <source>its input of shape {shape} is a series, not an image</source>
        <translation>其输入形状 {shape} 是序列，不是图像</translation>
    </message>
    <message>
        <source>it gives an image, not class scores</source>
        <translation>它给出图像，而非类别得分</translation>
    </message>
    <message>
        <source>it gives features, not class scores</source>
        <translation>它给出特征，而非类别得分</translation>
    </message>
</context>
<context>
    <name>Durations</name>
    <message>
        <source>{s} s</source>
        <translation>{s} 秒</translation>
    </message>
    <message>
        <source>{min} min {s} s</source>
        <translation>{min} 分 {s} 秒</translation>
    </message>
    <message>
        <source>{h} h {min} min</source>
        <translation>{h} 小时 {min} 分</translation>
    </message>
</context>
<context>
    <name>Edits</name>
    <message>
        <source>freezing</source>
        <translation>冻结</translation>
    </message>
    <message>
        <source>the cut</source>
        <translation>截断</translation>
    </message>
    <message>
        <source>the head</source>
        <translation>分类头</translation>
    </message>
    <message>
        <source>a setting</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>the strategy</source>
        <translation>策略</translation>
    </message>
    <message>
        <source>how images are read</source>
        <translation>图像的读取方式</translation>
    </message>
    <message>
        <source>a remedy</source>
        <translation>问题的处理</translation>
    </message>
    <message>
        <source>leaving out images</source>
        <translation>排除图像</translation>
    </message>
    <message>
        <source>another class</source>
        <translation>更改类别</translation>
    </message>
    <message>
        <source>learning rates of layers</source>
        <translation>各层的学习率</translation>
    </message>
</context>
<context>
    <name>Errors</name>
    <message>
        <source>There is no model file at “{path}”. Check the name and try again.</source>
        <translation>“{path}”处没有模型文件。请检查名称后重试。</translation>
    </message>
    <message>
        <source>“{path}” is damaged or was cut off while it was copied ({detail}). Copy it again from its source.</source>
        <translation>“{path}”已损坏，或在复制时不完整（{detail}）。请从来源处重新复制。</translation>
    </message>
    <message>
        <source>“{path}” is not a model that TLStudio knows ({found}). Choose a file that a network was saved to: .h5, .hdf5, .keras, .caffemodel, or a SavedModel folder.</source>
        <translation>“{path}”不是 TLStudio 能识别的模型（{found}）。请选择保存了网络的文件：.h5、.hdf5、.keras、.caffemodel，或 SavedModel 文件夹。</translation>
    </message>
    <message>
        <source>“{path}” holds only weights, without the description of the network. Name the network that they belong to (--architecture), or ask for the file written by model.save().</source>
        <translation>“{path}”只含权重，没有网络的描述。请指明这些权重属于哪个网络（--architecture），或索取由 model.save() 写出的文件。</translation>
    </message>
    <message>
        <source>“{path}” describes a network, but its weights are not beside it. Put the weights file (such as “{wanted}”) into the same folder, or open the weights file and name this one (--architecture).</source>
        <translation>“{path}”描述了一个网络，但旁边没有它的权重。请把权重文件（如“{wanted}”）放入同一文件夹，或打开权重文件并指明本文件（--architecture）。</translation>
    </message>
    <message>
        <source>“{name}” is neither a network of the catalogue nor a file that describes one. Networks with such names: {known}.</source>
        <translation>“{name}”既不是目录中的网络，也不是描述网络的文件。名称相近的网络：{known}。</translation>
    </message>
    <message>
        <source>“{path}” holds a model of the self-written class {type}, whose structure is program code and not in the file. Ask for a functional or Sequential model.</source>
        <translation>“{path}”中的模型属于自编的类 {type}，其结构是程序代码，并不在文件中。请索取函数式或 Sequential 模型。</translation>
    </message>
    <message>
        <source>“{path}” contains the Lambda layer “{layer}”, which is program code and was not run. Use the network up to the layer below it (--output {below}), or name what stands in for it (--replace {layer}=…).</source>
        <translation>“{path}”含有 Lambda 层“{layer}”，它是程序代码，没有运行。请只使用其下方的网络（--output {below}），或指明用什么代替它（--replace {layer}=…）。</translation>
    </message>
    <message>
        <source>“{choice}” is nothing that the layer “{layer}” can be replaced by. Choose one of {known}, or scale:A,B for A·x + B.</source>
        <translation>“{choice}”不能用来代替层“{layer}”。请从 {known} 中选择，或用 scale:A,B 表示 A·x + B。</translation>
    </message>
    <message>
        <source>The network has no layer “{layer}” that its output could be taken from. Look up the layers&apos; names with “tlstudio inspect”.</source>
        <translation>网络中没有可取其输出的层“{layer}”。可用“tlstudio inspect”查看各层名称。</translation>
    </message>
    <message>
        <source>This network takes {count} inputs; a classifier here takes one image input. It can be looked at, but not trained.</source>
        <translation>该网络有 {count} 个输入，而这里的分类器只接受一个图像输入。它可以查看，但不能训练。</translation>
    </message>
    <message>
        <source>This network has the outputs {outputs}. Choose the one to use (--output).</source>
        <translation>该网络有多个输出：{outputs}。请选择要用的一个（--output）。</translation>
    </message>
    <message>
        <source>“{path}” could not be read: {detail}. It is damaged or was made to do harm; nothing in it was run.</source>
        <translation>无法读取“{path}”：{detail}。文件已损坏，或是有意造成危害的；其中的任何内容都没有运行。</translation>
    </message>
    <message>
        <source>“{path}” uses the layer “{layer}” of type {type}, which TLStudio does not open. The part below it can be used (--output {below}).</source>
        <translation>“{path}”使用了类型为 {type} 的层“{layer}”，TLStudio 无法打开这种层。其下方的部分可以使用（--output {below}）。</translation>
    </message>
    <message>
        <source>“{path}” holds the weights of a Caffe network and not all of its description. Put its deploy.prototxt beside it, or name that file (--architecture).</source>
        <translation>“{path}”含有 Caffe 网络的权重，但描述不完整。请把它的 deploy.prototxt 放在旁边，或指明该文件（--architecture）。</translation>
    </message>
    <message>
        <source>“{path}” describes a Caffe network, but its weights are not beside it. Put its .caffemodel there, or name that file (--architecture).</source>
        <translation>“{path}”描述了一个 Caffe 网络，但旁边没有它的权重。请把它的 .caffemodel 放在那里，或指明该文件（--architecture）。</translation>
    </message>
    <message>
        <source>Several files could belong to “{path}”: {files}. Name the right one (--architecture).</source>
        <translation>有多个文件可能属于“{path}”：{files}。请指明正确的一个（--architecture）。</translation>
    </message>
    <message>
        <source>“{path}” does not say what size of images the network takes (its input is “{layer}” of type {type}; what it names is not looked up). Open its deploy.prototxt instead, or give the size (--input-size).</source>
        <translation>“{path}”没有说明网络接受多大的图像（其输入是类型为 {type} 的“{layer}”；它所指的内容不会去查）。请改为打开它的 deploy.prototxt，或给出尺寸（--input-size）。</translation>
    </message>
    <message>
        <source>“{path}” was refused for safety: {found}. Nothing in it was run.</source>
        <translation>出于安全考虑，已拒绝“{path}”：{found}。其中的内容均未运行。</translation>
    </message>
    <message>
        <source>The description of the network in “{path}” makes no sense: {detail}.</source>
        <translation>“{path}”中的网络描述不合理：{detail}。</translation>
    </message>
    <message>
        <source>The weights stored in “{path}” do not fit its layers: {detail}.</source>
        <translation>“{path}”中的权重与其各层不符：{detail}。</translation>
    </message>
    <message>
        <source>This network is not an image classifier: {detail}. Open one that takes one image and gives class scores.</source>
        <translation>该网络不是图像分类器：{detail}。请打开以一张图像为输入、给出类别得分的网络。</translation>
    </message>
    <message>
        <source>“{path}” is in the model library already, as “{name}”. Nothing was copied.</source>
        <translation>“{path}”已在模型库中，名为“{name}”。没有复制任何内容。</translation>
    </message>
    <message>
        <source>“{path}” is no model of the library; nothing was changed.</source>
        <translation>“{path}”不是模型库中的模型；没有做任何更改。</translation>
    </message>
    <message>
        <source>There is no image folder at “{path}”. Check the name and try again.</source>
        <translation>“{path}”处没有图像文件夹。请检查名称后重试。</translation>
    </message>
    <message>
        <source>“{path}” holds no images in class folders. Put each class&apos;s images into a folder named after the class.</source>
        <translation>“{path}”的类别文件夹中没有图像。请把每个类别的图像放进以该类别命名的文件夹。</translation>
    </message>
    <message>
        <source>“{pattern}” does not say which images belong together ({detail}). Write folder, or a regular expression such as patient_(\d+).</source>
        <translation>“{pattern}”没有说明哪些图像属于同一组（{detail}）。请写 folder，或写正则表达式，如 patient_(\d+)。</translation>
    </message>
    <message>
        <source>Searching for “{pattern}” in the images&apos; names takes too long; it did not end in “{name}”. Write it without repeats within repeats: (\w+)_ instead of (\w+)+_.</source>
        <translation>在图像名称中查找“{pattern}”耗时过长；在“{name}”中未能结束。请避免重复中再嵌套重复：写 (\w+)_，不要写 (\w+)+_。</translation>
    </message>
    <message>
        <source>The table “{path}” cannot be read ({detail}).</source>
        <translation>无法读取表格“{path}”（{detail}）。</translation>
    </message>
    <message>
        <source>The columns of the table “{path}” do not tell images and classes: {detail}. Name them (--table-columns path=…,label=…); it has {columns}.</source>
        <translation>表格“{path}”的各列没有说明图像和类别：{detail}。请指明各列（--table-columns path=…,label=…）；表中有 {columns}。</translation>
    </message>
    <message>
        <source>None of the {images} images in “{path}” can be read. Look at the list of problems.</source>
        <translation>“{path}”中的 {images} 张图像都无法读取。请查看问题列表。</translation>
    </message>
    <message>
        <source>“{path}” has only the class “{name}”. A classifier needs at least two class folders.</source>
        <translation>“{path}”只有“{name}”一个类别。分类器至少需要两个类别文件夹。</translation>
    </message>
    <message>
        <source>The class “{name}” has {images} usable images; it needs at least {needed}, one each to train, validate and test. Add images or remove the class.</source>
        <translation>类别“{name}”有 {images} 张可用图像，至少需要 {needed} 张（训练、验证、测试各一张）。请添加图像或移除该类别。</translation>
    </message>
    <message>
        <source>The class “{name}” has {images} usable training images; it needs at least {needed}. Add images to its training folder.</source>
        <translation>类别“{name}”有 {images} 张可用的训练图像，至少需要 {needed} 张。请向其训练文件夹添加图像。</translation>
    </message>
    <message>
        <source>The folder has the class “{name}”, which the trained classifier does not know. Its classes are: {classes}.</source>
        <translation>文件夹中有类别“{name}”，而训练好的分类器不认识它。分类器的类别为：{classes}。</translation>
    </message>
    <message>
        <source>The network has no layer “{layer}”. Layers that can be cut at: {legal}.</source>
        <translation>网络中没有层“{layer}”。可以截断的层：{legal}。</translation>
    </message>
    <message>
        <source>The network cannot be cut at “{layer}”: {reason}</source>
        <translation>网络不能在“{layer}”处截断：{reason}</translation>
    </message>
    <message>
        <source>This network has no layer that it could be cut at below its classifier.</source>
        <translation>该网络的分类器之下没有可以截断的层。</translation>
    </message>
    <message>
        <source>The head cannot be given the features of “{layer}”, too. Name a layer below “{cut}”, once, that is not the input, is used once in the network and gives a map or a vector of features.</source>
        <translation>不能把“{layer}”的特征也交给分类头。请指定“{cut}”之下的一个层，且只指定一次：它不是输入层，在网络中只使用一次，并给出特征图或特征向量。</translation>
    </message>
    <message>
        <source>The model&apos;s own classifier takes the features below it and no others. Choose a new head to use those of “{layer}”, too.</source>
        <translation>模型自带的分类器只接受它下面的特征。若要同时使用“{layer}”的特征，请选择新的分类头。</translation>
    </message>
    <message>
        <source>No layer below the cut matches “{pattern}”. Look up the layers&apos; names with “tlstudio inspect”.</source>
        <translation>截断点以下没有与“{pattern}”匹配的层。可用“tlstudio inspect”查看各层名称。</translation>
    </message>
    <message>
        <source>The old head gives {outputs} classes, the image folder has {classes}. Choose a new head instead of keeping the old one.</source>
        <translation>原分类头给出 {outputs} 个类别，而图像文件夹有 {classes} 个。请选择新的分类头，不要保留原来的。</translation>
    </message>
    <message>
        <source>“{spec}” does not describe a head. Write keep, none, or layer sizes such as 256,64.</source>
        <translation>“{spec}”不是有效的分类头。请写 keep、none 或层的大小，例如 256,64。</translation>
    </message>
    <message>
        <source>Everything is frozen and there is no new head, so nothing would be trained. Unfreeze a layer or choose a new head.</source>
        <translation>所有层都已冻结且没有新的分类头，因此没有可训练的内容。请解冻某一层或选择新的分类头。</translation>
    </message>
    <message>
        <source>L-BFGS fits a linear head on fixed features. Freeze all layers below the cut, choose a head without hidden layers and no augmentation, or train by gradient steps.</source>
        <translation>L-BFGS 在固定特征上拟合线性分类头。请冻结截断点以下的所有层，选择不含隐藏层的分类头并关闭数据增强，或者改用梯度下降训练。</translation>
    </message>
    <message>
        <source>{option} cannot be {value}: {expected}.</source>
        <translation>{option} 不能为 {value}：{expected}。</translation>
    </message>
    <message>
        <source>“{path}” is not a valid TLStudio file: {detail}.</source>
        <translation>“{path}”不是有效的 TLStudio 文件：{detail}。</translation>
    </message>
    <message>
        <source>“{path}” was written by a newer TLStudio (format {version}). Open it with that version.</source>
        <translation>“{path}”由更新版本的 TLStudio 写出（格式 {version}）。请用那个版本打开。</translation>
    </message>
    <message>
        <source>The folder “{path}” exists already and is not empty. Choose a new one; nothing was overwritten.</source>
        <translation>文件夹“{path}”已存在且不为空。请选择新的文件夹；没有任何内容被覆盖。</translation>
    </message>
    <message>
        <source>“{path}” exists already. Choose another name, or say that it may be replaced (--overwrite).</source>
        <translation>“{path}”已存在。请另选名称，或说明可以替换（--overwrite）。</translation>
    </message>
    <message>
        <source>Nothing says what pixel values the network in “{path}” takes. Say it (--preprocess).</source>
        <translation>没有说明“{path}”中的网络接受什么样的像素值。请指明（--preprocess）。</translation>
    </message>
    <message>
        <source>“{path}” is neither a finished run folder nor a model file.</source>
        <translation>“{path}”既不是已完成的运行文件夹，也不是模型文件。</translation>
    </message>
    <message>
        <source>The run “{path}” has no checkpoint yet, so there is no trained model in it.</source>
        <translation>运行“{path}”还没有检查点，因此其中没有训练好的模型。</translation>
    </message>
    <message>
        <source>The run “{path}” is complete; there is nothing left to resume.</source>
        <translation>运行“{path}”已完成，没有需要恢复的内容。</translation>
    </message>
    <message>
        <source>The run “{path}” ended before its first checkpoint, so there is nothing to resume. Start it anew.</source>
        <translation>运行“{path}”在保存第一个检查点之前就已结束，因此无法恢复。请重新开始。</translation>
    </message>
    <message>
        <source>The run “{path}” is going on in another window or command. Stop it there first.</source>
        <translation>运行“{path}”正在另一个窗口或命令中进行。请先在那里停止它。</translation>
    </message>
    <message>
        <source>The run “{path}” cannot be resumed exactly: {what} changed since it began. Start a new run.</source>
        <translation>无法精确恢复运行“{path}”：自它开始以来，{what}已改变。请开始新的运行。</translation>
    </message>
    <message>
        <source>There is no file or folder “{path}”.</source>
        <translation>没有文件或文件夹“{path}”。</translation>
    </message>
    <message>
        <source>None of the given paths holds an image that can be read.</source>
        <translation>给出的路径中没有可以读取的图像。</translation>
    </message>
    <message>
        <source>The image folder has no test images to score the classifier on.</source>
        <translation>图像文件夹中没有可用来评分的测试图像。</translation>
    </message>
    <message>
        <source>Nothing can be learned here: no layer tells the classes apart better than guessing ({score} against {chance}). Look at your labels. To train all the same, choose a strategy by hand (--strategy).</source>
        <translation>这里学不到任何东西：没有哪一层区分各类别的能力胜过猜测（{score} 对 {chance}）。请检查您的标签。若仍要训练，请手动选择策略（--strategy）。</translation>
    </message>
    <message>
        <source>Open a model first: drop a model file on the window.</source>
        <translation>请先打开模型：把模型文件拖到窗口上。</translation>
    </message>
    <message>
        <source>Open an image folder first: drop a folder with one folder per class on the window.</source>
        <translation>请先打开图像文件夹：把每个类别一个子文件夹的文件夹拖到窗口上。</translation>
    </message>
    <message>
        <source>“{path}” cannot be written to ({detail}). Choose another place.</source>
        <translation>无法写入“{path}”（{detail}）。请选择其他位置。</translation>
    </message>
    <message>
        <source>The disk that holds “{path}” is full. Free some space; the last good checkpoint was kept.</source>
        <translation>“{path}”所在的磁盘已满。请释放一些空间；最后一个完好的检查点已保留。</translation>
    </message>
    <message>
        <source>The network takes images of any size. Choose the one to use (--input-size).</source>
        <translation>网络接受任意大小的图像。请选择要使用的尺寸（--input-size）。</translation>
    </message>
    <message>
        <source>The layers {layers} of “{path}” hold values that are not numbers (NaN or infinite), so nothing can be computed with them. Ask for another copy, or cut the network below.</source>
        <translation>“{path}”的层 {layers} 含有非数值（NaN 或无穷大），无法用它们计算。请索取另一份文件，或在其下方截断网络。</translation>
    </message>
    <message>
        <source>The calculation stopped unexpectedly ({detail}). The window is unharmed and what was reached is kept; resume the run, with smaller batches if memory was short.</source>
        <translation>计算意外停止（{detail}）。窗口不受影响，已取得的进展都已保留；请恢复运行，如果是内存不足，请使用更小的批次。</translation>
    </message>
    <message>
        <source>The calculation has not answered for {seconds} seconds and was ended. What was reached is kept; resume the run.</source>
        <translation>计算已有 {seconds} 秒没有响应，因此被终止。已取得的进展都已保留；请恢复运行。</translation>
    </message>
    <message>
        <source>The calculation stopped unexpectedly ({detail}). Your files are unchanged; try again, with other programs closed if memory was short.</source>
        <translation>计算意外停止（{detail}）。您的文件没有改变；请重试，如果是内存不足，请先关闭其他程序。</translation>
    </message>
    <message>
        <source>The calculation has not answered for {seconds} seconds and was ended. Your files are unchanged; try again.</source>
        <translation>计算已有 {seconds} 秒没有响应，因此被终止。您的文件没有改变；请重试。</translation>
    </message>
    <message>
        <source>Batches of {batch} would take about {needed} of memory, and {free} are free. Choose batches of {smaller}, or free memory.</source>
        <translation>批次大小为 {batch} 时约需 {needed} 内存，而可用内存为 {free}。请将批次大小改为 {smaller}，或释放内存。</translation>
    </message>
    <message>
        <source>This network would take about {needed} of memory even with the smallest batch, and {free} are free. Freeze more layers, or free memory.</source>
        <translation>即使使用最小的批次，该网络也约需 {needed} 内存，而可用内存为 {free}。请冻结更多层，或释放内存。</translation>
    </message>
    <message>
        <source>Only {free} of memory were left, and nothing came back. The run was saved; resume it when other programs have ended.</source>
        <translation>内存只剩 {free}，且一直没有恢复。运行已保存；请在其他程序结束后恢复运行。</translation>
    </message>
    <message>
        <source>This network cannot be written as {format} ({detail}). Choose another format; nothing was left behind.</source>
        <translation>此网络无法写成 {format}（{detail}）。请另选格式；没有留下任何文件。</translation>
    </message>
    <message>
        <source>The {format} file that was written gives other probabilities than the run&apos;s own model (by up to {difference}), so it was not kept. Choose another format, and please report it.</source>
        <translation>写出的 {format} 文件给出的概率与运行自己的模型不同（最多相差 {difference}），因此没有保留。请另选格式，并请报告此问题。</translation>
    </message>
    <message>
        <source>Writing this network as {format} would take about {needed} of memory, and {free} are free. Free memory, or choose another format.</source>
        <translation>将此网络写成 {format} 约需 {needed} 内存，而可用内存为 {free}。请释放内存，或另选格式。</translation>
    </message>
    <message>
        <source>“{path}” contains the Lambda layer “{layer}”, which is program code and was not run. No layer lies below it that could be used alone; name what stands in for it (--replace {layer}=…).</source>
        <translation>“{path}”含有 Lambda 层“{layer}”，它是程序代码，没有运行。其下方没有可单独使用的层；请指明用什么代替它（--replace {layer}=…）。</translation>
    </message>
    <message>
        <source>“{path}” uses the layer “{layer}” of type {type}, which TLStudio does not open. No layer lies below it that could be used alone.</source>
        <translation>“{path}”使用了类型为 {type} 的层“{layer}”，TLStudio 无法打开这种层。其下方没有可单独使用的层。</translation>
    </message>
    <message>
        <source>The loss is no longer a number in epoch {epoch}: the learning rate {rate} is too large. Choose one ten times smaller.</source>
        <translation>第 {epoch} 轮的损失已不是数值：学习率 {rate} 太大。请选择小十倍的学习率。</translation>
    </message>
    <message>
        <source>Frozen layers changed while training ({layers}); the result was rejected. Please report this with the run folder.</source>
        <translation>冻结的层在训练中发生了变化（{layers}），结果已被拒绝。请连同运行文件夹报告此问题。</translation>
    </message>
    <message>
        <source>The layers set to train are not those of the plan ({layers}); nothing was trained. Please report this.</source>
        <translation>设为训练的层与方案不符（{layers}），未进行训练。请报告此问题。</translation>
    </message>
    <message>
        <source>The calculation could not be started ({detail}). Run “tlstudio doctor” to see what is missing.</source>
        <translation>无法启动计算（{detail}）。请运行“tlstudio doctor”查看缺少什么。</translation>
    </message>
    <message>
        <source>The window cannot be opened ({detail}). The command line works without it: try “tlstudio --help”.</source>
        <translation>无法打开窗口（{detail}）。命令行仍可使用：试试“tlstudio --help”。</translation>
    </message>
    <message>
        <source>There is not enough memory for batches of {batch}. Choose a smaller batch size.</source>
        <translation>内存不足以处理大小为 {batch} 的批次。请选择更小的批次。</translation>
    </message>
    <message>
        <source>Something unforeseen happened ({detail}). Your files are unchanged; please report it.</source>
        <translation>发生了意外情况（{detail}）。您的文件没有改变；请报告此问题。</translation>
    </message>
    <message>
        <source>it was ended by the system, signal {number}</source>
        <translation>被系统结束，信号 {number}</translation>
    </message>
    <message>
        <source>it ended with code {number}</source>
        <translation>以代码 {number} 结束</translation>
    </message>
</context>
<context>
    <name>FileBox</name>
    <message>
        <source>A file that belongs to it</source>
        <translation>属于它的文件</translation>
    </message>
    <message>
        <source>Files that could be meant</source>
        <translation>可能所指的文件</translation>
    </message>
    <message>
        <source>Choose the file…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>The weights are those of a Caffe network. Which file describes it?</source>
        <translation>这些是 Caffe 网络的权重。哪个文件描述该网络？</translation>
    </message>
    <message>
        <source>The file describes a Caffe network. Which file holds its weights?</source>
        <translation>该文件描述了一个 Caffe 网络。哪个文件含有它的权重？</translation>
    </message>
    <message>
        <source>Several files could belong to it. Which one does?</source>
        <translation>有多个文件可能属于它。是哪一个？</translation>
    </message>
    <message>
        <source>The file describes a network. Which file holds its weights?</source>
        <translation>该文件描述了一个网络。哪个文件含有它的权重？</translation>
    </message>
</context>
<context>
    <name>ImageOptionsDialog</name>
    <message>
        <source>Reading the images</source>
        <translation>读取图像的方式</translation>
    </message>
    <message>
        <source>Classes and groups</source>
        <translation>类别与分组</translation>
    </message>
    <message>
        <source>Columns of the table</source>
        <translation>表格的列</translation>
    </message>
    <message>
        <source>Reading image files</source>
        <translation>读取图像文件</translation>
    </message>
    <message>
        <source>Folder level that names the class</source>
        <translation>表示类别的文件夹层级</translation>
    </message>
    <message>
        <source>Images that belong together</source>
        <translation>同属一组的图像</translation>
    </message>
    <message>
        <source>Pattern</source>
        <translation>模式</translation>
    </message>
    <message>
        <source>Page of files with several</source>
        <translation>多页文件取第几页</translation>
    </message>
    <message>
        <source>Scaling of deep images</source>
        <translation>高位深图像的缩放</translation>
    </message>
    <message>
        <source>Percentiles</source>
        <translation>百分位</translation>
    </message>
    <message>
        <source>From, to (the file&apos;s units)</source>
        <translation>从、到（文件的单位）</translation>
    </message>
    <message>
        <source>Under transparency</source>
        <translation>透明处的背景</translation>
    </message>
    <message>
        <source>Lower percentile</source>
        <translation>下百分位</translation>
    </message>
    <message>
        <source>Upper percentile</source>
        <translation>上百分位</translation>
    </message>
    <message>
        <source>Value that becomes black</source>
        <translation>变为黑色的值</translation>
    </message>
    <message>
        <source>Value that becomes white</source>
        <translation>变为白色的值</translation>
    </message>
    <message>
        <source>such as (patient\d+)</source>
        <translation>例如 (patient\d+)</translation>
    </message>
    <message>
        <source>A regular expression that is searched in the image&apos;s name; what it finds names the group</source>
        <translation>在图像名称中查找的正则表达式；找到的内容就是组名</translation>
    </message>
    <message>
        <source>16-bit, float and DICOM images are scaled to 256 levels</source>
        <translation>16 位、浮点和 DICOM 图像会缩放到 256 级</translation>
    </message>
    <message>
        <source>none, or as the table says</source>
        <translation>无，或按表格所说</translation>
    </message>
    <message>
        <source>by folder</source>
        <translation>按文件夹</translation>
    </message>
    <message>
        <source>by a pattern</source>
        <translation>按模式</translation>
    </message>
    <message>
        <source>the whole range</source>
        <translation>整个范围</translation>
    </message>
    <message>
        <source>percentiles of each image</source>
        <translation>每张图像的百分位</translation>
    </message>
    <message>
        <source>a window for all images</source>
        <translation>所有图像同一窗口</translation>
    </message>
    <message>
        <source>white</source>
        <translation>白色</translation>
    </message>
    <message>
        <source>black</source>
        <translation>黑色</translation>
    </message>
    <message>
        <source>grey</source>
        <translation>灰色</translation>
    </message>
    <message numerus="yes">
        <source>%Ln group(s); none of them is on both sides of a split that is made here.</source>
        <translation>
            <numerusform>共 %Ln 组；在此处的划分中，没有一组会分在两边。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ImagePreview</name>
    <message>
        <source>The file</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>The network&apos;s view</source>
        <translation>网络看到的</translation>
    </message>
    <message>
        <source>Select an image to see it.</source>
        <translation>选择一张图像即可查看。</translation>
    </message>
    <message>
        <source>{width}×{height} pixels</source>
        <translation>{width}×{height} 像素</translation>
    </message>
    <message>
        <source>{width}×{height} pixels; the network takes {size}</source>
        <translation>{width}×{height} 像素；网络的输入为 {size}</translation>
    </message>
    <message>
        <source>Class “{name}”; left out</source>
        <translation>类别“{name}”；已排除</translation>
    </message>
    <message>
        <source>Class “{name}”; {part}</source>
        <translation>类别“{name}”；{part}</translation>
    </message>
    <message>
        <source>In the folder it is of the class “{name}”.</source>
        <translation>在文件夹中它属于类别“{name}”。</translation>
    </message>
</context>
<context>
    <name>ImageWords</name>
    <message>
        <source>The file is empty.</source>
        <translation>文件是空的。</translation>
    </message>
    <message>
        <source>It is a pipe or a device, not a file.</source>
        <translation>这是管道或设备，不是文件。</translation>
    </message>
    <message>
        <source>It is none of the formats JPEG, PNG, BMP, GIF, WebP, TIFF.</source>
        <translation>它不是 JPEG、PNG、BMP、GIF、WebP、TIFF 中的任何一种格式。</translation>
    </message>
    <message>
        <source>Its name does not end like that of an image.</source>
        <translation>文件名的结尾不像图像。</translation>
    </message>
    <message>
        <source>It is a HEIC photo of a phone. Export it as JPEG; TLStudio does not read HEIC.</source>
        <translation>这是手机的 HEIC 照片。请导出为 JPEG；TLStudio 不读取 HEIC。</translation>
    </message>
    <message>
        <source>It claims more pixels than any photograph has.</source>
        <translation>它声称的像素比任何照片都多。</translation>
    </message>
    <message>
        <source>It claims {width}×{height} pixels.</source>
        <translation>它声称有 {width}×{height} 像素。</translation>
    </message>
    <message>
        <source>It claims {values} values in a file of {bytes} bytes.</source>
        <translation>文件只有 {bytes} 字节，却声称有 {values} 个值。</translation>
    </message>
    <message>
        <source>It cannot be decoded ({detail}).</source>
        <translation>无法解码（{detail}）。</translation>
    </message>
    <message>
        <source>The DICOM file cannot be decoded ({detail}).</source>
        <translation>无法解码 DICOM 文件（{detail}）。</translation>
    </message>
    <message>
        <source>The TIFF file cannot be decoded ({detail}).</source>
        <translation>无法解码 TIFF 文件（{detail}）。</translation>
    </message>
    <message>
        <source>A page of shape {shape} is not a picture.</source>
        <translation>形状为 {shape} 的页不是图像。</translation>
    </message>
    <message>
        <source>It has {pages} page(s), and number {page} is asked for.</source>
        <translation>它有 {pages} 页，而要求的是第 {page} 页。</translation>
    </message>
    <message>
        <source>It has {frames} frame(s), and number {page} is asked for.</source>
        <translation>它有 {frames} 帧，而要求的是第 {page} 帧。</translation>
    </message>
    <message>
        <source>It lies outside the class folders, so it has no class.</source>
        <translation>它在类别文件夹之外，因此没有类别。</translation>
    </message>
    <message>
        <source>The class has no image that can be used, and is left out.</source>
        <translation>该类别没有可用的图像，已排除。</translation>
    </message>
    <message>
        <source>Line {number} of the table names it, and it is not in the folder.</source>
        <translation>表格第 {number} 行提到它，但它不在文件夹中。</translation>
    </message>
    <message>
        <source>Line {number} of the table gives it no class, or more than one.</source>
        <translation>表格第 {number} 行没有给它类别，或给了不止一个。</translation>
    </message>
    <message>
        <source>Line {number} of the table names it again.</source>
        <translation>表格第 {number} 行再次提到它。</translation>
    </message>
    <message>
        <source>It is a strip of {width}×{height} pixels; it is used all the same.</source>
        <translation>这是 {width}×{height} 像素的长条；仍会使用。</translation>
    </message>
    <message>
        <source>It is the same picture as {count} other(s) of its class.</source>
        <translation>它与同类别的另外 {count} 张图像相同。</translation>
    </message>
    <message>
        <source>It is nearly the same picture as {count} other(s) of its class.</source>
        <translation>它与同类别的另外 {count} 张图像几乎相同。</translation>
    </message>
    <message>
        <source>It is the same picture as others, in the classes {classes}.</source>
        <translation>同一张图像出现在类别 {classes} 中。</translation>
    </message>
    <message>
        <source>It is nearly the same picture as others, in the classes {classes}.</source>
        <translation>几乎相同的图像出现在类别 {classes} 中。</translation>
    </message>
    <message>
        <source>It is the same picture as others, and both train and test the network.</source>
        <translation>相同的图像既用于训练又用于测试网络。</translation>
    </message>
    <message>
        <source>It is nearly the same picture as others, and both train and test the network.</source>
        <translation>几乎相同的图像既用于训练又用于测试网络。</translation>
    </message>
    <message>
        <source>It is of one colour: there is nothing to see in it.</source>
        <translation>它只有一种颜色：什么也看不到。</translation>
    </message>
    <message>
        <source>It is much less sharp than the other images.</source>
        <translation>它比其他图像模糊得多。</translation>
    </message>
    <message>
        <source>The class has only {count} usable image(s).</source>
        <translation>该类别只有 {count} 张可用的图像。</translation>
    </message>
    <message>
        <source>It has {few} images, “{largest}” has {many}.</source>
        <translation>它有 {few} 张图像，而“{largest}”有 {many} 张。</translation>
    </message>
    <message>
        <source>The classes differ so much in size that {share} % of the images can be told apart by it alone ({chance} % by guessing); the network may learn that instead.</source>
        <translation>各类别的图像大小差别很大，仅凭大小就能分清 {share} % 的图像（猜测为 {chance} %）；网络可能学到的是大小。</translation>
    </message>
    <message>
        <source>The classes differ so much in brightness that {share} % of the images can be told apart by it alone ({chance} % by guessing); the network may learn that instead.</source>
        <translation>各类别的亮度差别很大，仅凭亮度就能分清 {share} % 的图像（猜测为 {chance} %）；网络可能学到的是亮度。</translation>
    </message>
    <message>
        <source>Leave out the copies</source>
        <translation>排除重复的图像</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>排除</translation>
    </message>
    <message>
        <source>Leave out the class</source>
        <translation>排除该类别</translation>
    </message>
    <message>
        <source>Give them the class…</source>
        <translation>归入类别…</translation>
    </message>
    <message>
        <source>Move to training</source>
        <translation>移到训练集</translation>
    </message>
    <message>
        <source>Give rare classes more weight</source>
        <translation>为稀少的类别加大权重</translation>
    </message>
    <message>
        <source>trains</source>
        <translation>用于训练</translation>
    </message>
    <message>
        <source>validates</source>
        <translation>用于验证</translation>
    </message>
    <message>
        <source>tests</source>
        <translation>用于测试</translation>
    </message>
</context>
<context>
    <name>ImagesPage</name>
    <message>
        <source>Search by name</source>
        <translation>按名称搜索</translation>
    </message>
    <message>
        <source>Search images by name</source>
        <translation>按名称搜索图像</translation>
    </message>
    <message>
        <source>Images of the class</source>
        <translation>该类别的图像</translation>
    </message>
    <message>
        <source>All classes</source>
        <translation>所有类别</translation>
    </message>
    <message>
        <source>Show the images of all classes</source>
        <translation>显示所有类别的图像</translation>
    </message>
    <message>
        <source>Other class</source>
        <translation>更改类别</translation>
    </message>
    <message numerus="yes">
        <source>%Ln image(s)</source>
        <translation>
            <numerusform>%Ln 张图像</numerusform>
        </translation>
    </message>
    <message>
        <source>Take back</source>
        <translation>重新使用</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>排除</translation>
    </message>
</context>
<context>
    <name>LargePreview</name>
    <message>
        <source>Image</source>
        <translation>图像</translation>
    </message>
</context>
<context>
    <name>LayerBox</name>
    <message>
        <source>Program code in the file</source>
        <translation>文件中的程序代码</translation>
    </message>
    <message>
        <source>A layer that is not known</source>
        <translation>未知的层</translation>
    </message>
    <message>
        <source>The layer “{layer}” is program code, which was not run. What should be done about it?</source>
        <translation>层“{layer}”是程序代码，没有运行。应如何处理？</translation>
    </message>
    <message>
        <source>The layer “{layer}” is of the type {type}, which TLStudio does not open.</source>
        <translation>层“{layer}”的类型是 {type}，TLStudio 无法打开这种层。</translation>
    </message>
    <message>
        <source>Use the part of the network below it, up to “{layer}”</source>
        <translation>使用其下方的网络，直到“{layer}”</translation>
    </message>
    <message>
        <source>No part below it can be used alone</source>
        <translation>其下方没有可单独使用的部分</translation>
    </message>
    <message>
        <source>Put a layer of Keras in its place; it</source>
        <translation>用 Keras 的层代替它，该层</translation>
    </message>
    <message>
        <source>What the layer does</source>
        <translation>该层的作用</translation>
    </message>
    <message>
        <source>choose what it does</source>
        <translation>请选择它的作用</translation>
    </message>
    <message>
        <source>{words} (suggested)</source>
        <translation>{words}（推测）</translation>
    </message>
    <message>
        <source>scales and shifts: A·x + B</source>
        <translation>缩放并平移：A·x + B</translation>
    </message>
    <message>
        <source>Suggested: {words}. Only who made the model knows; a wrong choice spoils every result.</source>
        <translation>推测：{words}。只有模型的作者才知道；选错会使所有结果失效。</translation>
    </message>
    <message>
        <source>Only who made the model knows what it does; a wrong choice spoils every result.</source>
        <translation>只有模型的作者才知道它的作用；选错会使所有结果失效。</translation>
    </message>
</context>
<context>
    <name>LayerTreeModel</name>
    <message>
        <source>Factor on the learning rate; double-click to change it. A group sets all in it.</source>
        <translation>学习率的倍数；双击可更改。对组的设置作用于其中所有层。</translation>
    </message>
    <message>
        <source>How far each layer&apos;s weights have moved since the run began, in percent of their size</source>
        <translation>自运行开始以来各层权重移动的幅度，以占权重大小的百分比表示</translation>
    </message>
    <message>
        <source>How many of your images a simple classifier on each layer&apos;s features would name rightly; ★: the best place to cut</source>
        <translation>基于各层特征的简单分类器能正确识别多少您的图像；★：最佳截断处</translation>
    </message>
    <message>
        <source>Layer (ticked: frozen)</source>
        <translation>层（勾选：冻结）</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>倍率</translation>
    </message>
    <message>
        <source>Drift</source>
        <translation>漂移</translation>
    </message>
    <message>
        <source>Transfer</source>
        <translation>迁移</translation>
    </message>
    <message>
        <source>New head</source>
        <translation>新分类头</translation>
    </message>
    <message>
        <source>A new layer, which is always trained.</source>
        <translation>新的层，总是参与训练。</translation>
    </message>
    <message>
        <source>Some of its weights are not numbers (NaN or infinite).</source>
        <translation>它的部分权重不是数值（NaN 或无穷大）。</translation>
    </message>
    <message>
        <source>This network can be looked at, but not trained.</source>
        <translation>该网络可以查看，但不能训练。</translation>
    </message>
    <message>
        <source>The network is cut here; the new head comes above.</source>
        <translation>网络在此截断，其上接新的分类头。</translation>
    </message>
    <message>
        <source>Above the cut: not part of the new network.</source>
        <translation>在截断点之上：不属于新网络。</translation>
    </message>
    <message>
        <source>It cannot be cut here: {reason}</source>
        <translation>不能在此截断：{reason}</translation>
    </message>
    <message>
        <source>The network can be cut here.</source>
        <translation>可以在此截断网络。</translation>
    </message>
    <message>
        <source>frozen</source>
        <translation>已冻结</translation>
    </message>
    <message>
        <source>trained</source>
        <translation>参与训练</translation>
    </message>
    <message>
        <source>partly frozen</source>
        <translation>部分冻结</translation>
    </message>
</context>
<context>
    <name>LibraryDialog</name>
    <message>
        <source>Model library</source>
        <translation>模型库</translation>
    </message>
</context>
<context>
    <name>LibraryPage</name>
    <message>
        <source>Search by name, network, class, source or licence</source>
        <translation>按名称、网络、类别、来源或许可证搜索</translation>
    </message>
    <message>
        <source>Search the model library</source>
        <translation>搜索模型库</translation>
    </message>
    <message>
        <source>Models of the library and of the catalogue</source>
        <translation>模型库和目录中的模型</translation>
    </message>
    <message>
        <source>Other folder…</source>
        <translation>其他文件夹…</translation>
    </message>
    <message>
        <source>Choose where the model library lies</source>
        <translation>选择模型库的位置</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Add a model…</source>
        <translation>添加模型…</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>移除…</translation>
    </message>
    <message>
        <source>Copying the model</source>
        <translation>正在复制模型</translation>
    </message>
    <message>
        <source>Folder: {path}</source>
        <translation>文件夹：{path}</translation>
    </message>
    <message>
        <source>The library is empty. Drop a model here to copy it into the library.</source>
        <translation>模型库是空的。把模型拖到这里，即可复制到模型库。</translation>
    </message>
    <message>
        <source>Nothing in the library has all of these words.</source>
        <translation>模型库中没有包含所有这些词的模型。</translation>
    </message>
    <message>
        <source>Double-click a model to open it. Drop a model here to copy it into the library.</source>
        <translation>双击模型即可打开。把模型拖到这里，即可复制到模型库。</translation>
    </message>
    <message>
        <source>“{name}” is in the library now.</source>
        <translation>“{name}”已加入模型库。</translation>
    </message>
    <message>
        <source>Remove a model</source>
        <translation>移除模型</translation>
    </message>
    <message>
        <source>Delete “{name}” and its card from the library?</source>
        <translation>要从模型库中删除“{name}”及其卡片吗？</translation>
    </message>
    <message>
        <source>The file is deleted from the disk. This cannot be undone.</source>
        <translation>文件将从磁盘上删除，无法撤销。</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
</context>
<context>
    <name>LibraryTableModel</name>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>missing: {file}</source>
        <translation>缺少：{file}</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>缺少</translation>
    </message>
    <message>
        <source>Where it is: {value}</source>
        <translation>位置：{value}</translation>
    </message>
    <message>
        <source>To be put into the library&apos;s folder as {value}</source>
        <translation>请放入模型库文件夹，文件名为 {value}</translation>
    </message>
    <message>
        <source>Source: {value}</source>
        <translation>来源：{value}</translation>
    </message>
    <message>
        <source>Licence: {value}</source>
        <translation>许可证：{value}</translation>
    </message>
    <message>
        <source>Pixel values: {value}</source>
        <translation>像素值：{value}</translation>
    </message>
    <message>
        <source>Classes: {value}</source>
        <translation>类别：{value}</translation>
    </message>
    <message>
        <source>Notes: {value}</source>
        <translation>备注：{value}</translation>
    </message>
    <message>
        <source>Problem: {value}</source>
        <translation>问题：{value}</translation>
    </message>
</context>
<context>
    <name>LogView</name>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Opened {path} ({writer})</source>
        <translation>已打开 {path}（{writer}）</translation>
    </message>
    <message>
        <source>Run {run}: {train} images to train, {validation} to validate, {test} to test</source>
        <translation>运行 {run}：训练 {train} 张、验证 {validation} 张、测试 {test} 张图像</translation>
    </message>
    <message>
        <source>The run goes on behind epoch {epoch} and {steps} batches of the next one</source>
        <translation>运行从第 {epoch} 轮之后、下一轮的 {steps} 个批次之后继续</translation>
    </message>
    <message>
        <source>Forecast: at most {seconds}, about {needed} of memory; {free} are there for it</source>
        <translation>预计：最多 {seconds}，约需 {needed} 内存；可用 {free}</translation>
    </message>
    <message>
        <source>Stage {number} begins: {parameters} parameters train, the outputs of {layers} layers were computed once, learning rate {rate}</source>
        <translation>第 {number} 阶段开始：训练 {parameters} 个参数，{layers} 层的输出只计算一次，学习率 {rate}</translation>
    </message>
    <message>
        <source>Epoch {epoch}: loss {loss}, accuracy {accuracy}</source>
        <translation>第 {epoch} 轮：损失 {loss}，准确率 {accuracy}</translation>
    </message>
    <message>
        <source>; validation loss {loss}, accuracy {accuracy}</source>
        <translation>；验证损失 {loss}，准确率 {accuracy}</translation>
    </message>
    <message>
        <source>Checkpoint of epoch {epoch}: {path}</source>
        <translation>第 {epoch} 轮的检查点：{path}</translation>
    </message>
    <message>
        <source>Skipped {path}: {problem}</source>
        <translation>已跳过 {path}：{problem}</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Continued</source>
        <translation>已继续</translation>
    </message>
    <message>
        <source>The run has ended: {why}</source>
        <translation>运行已结束：{why}</translation>
    </message>
    <message>
        <source>{count} learning rates were tried; {rate} is proposed</source>
        <translation>已试验 {count} 个学习率；建议 {rate}</translation>
    </message>
    <message>
        <source>{images} images were looked at through the network, in {seconds}</source>
        <translation>已用网络查看 {images} 张图像，用时 {seconds}</translation>
    </message>
    <message>
        <source>Exported to {path}; read again by {reader}, probabilities differ by {difference} at most</source>
        <translation>已导出到 {path}；由 {reader} 重新读取，概率最多相差 {difference}</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>About TLStudio</source>
        <translation>关于 TLStudio</translation>
    </message>
    <message>
        <source>Results</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>图像</translation>
    </message>
    <message>
        <source>Problems</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>TLStudio {version}: transfer learning of image classifiers, without a network connection.</source>
        <translation>TLStudio {version}：图像分类器的迁移学习，无需网络连接。</translation>
    </message>
</context>
<context>
    <name>MeasuredPage</name>
    <message>
        <source>What was found out about your images</source>
        <translation>关于您的图像的发现</translation>
    </message>
    <message>
        <source>Similarity to what the network knows, of 100</source>
        <translation>与网络所知内容的相似度（满分 100）</translation>
    </message>
    <message>
        <source>How many images are there?</source>
        <translation>有多少图像？</translation>
    </message>
    <message>
        <source>How similar are they to what the network knows?</source>
        <translation>它们与网络所知的内容有多相似？</translation>
    </message>
    <message>
        <source>To be taken</source>
        <translation>视为</translation>
    </message>
    <message>
        <source>Many</source>
        <translation>多</translation>
    </message>
    <message>
        <source>Few</source>
        <translation>少</translation>
    </message>
    <message>
        <source>as measured</source>
        <translation>按测量结果</translation>
    </message>
    <message>
        <source>as few</source>
        <translation>少</translation>
    </message>
    <message>
        <source>as many</source>
        <translation>多</translation>
    </message>
    <message>
        <source>Similar</source>
        <translation>相似</translation>
    </message>
    <message>
        <source>Different</source>
        <translation>不同</translation>
    </message>
    <message>
        <source>as similar</source>
        <translation>相似</translation>
    </message>
    <message>
        <source>as different</source>
        <translation>不同</translation>
    </message>
    <message>
        <source>{own}, as you say (measured: {measured})</source>
        <translation>{own}（由您指定；测量结果：{measured}）</translation>
    </message>
</context>
<context>
    <name>MeasuringLine</name>
    <message>
        <source>How far the look at your images is</source>
        <translation>查看图像的进度</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Stop looking at the images</source>
        <translation>停止查看图像</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查看</translation>
    </message>
    <message>
        <source>Look at the images through the network</source>
        <translation>用网络查看图像</translation>
    </message>
    <message>
        <source>Advice…</source>
        <translation>建议…</translation>
    </message>
    <message>
        <source>What was found out about your images, and what follows from it</source>
        <translation>关于您的图像的发现，以及由此得出的建议</translation>
    </message>
    <message>
        <source>The look at your images was stopped.</source>
        <translation>已停止查看您的图像。</translation>
    </message>
    <message>
        <source>⚠ {failure}</source>
        <translation>⚠ {failure}</translation>
    </message>
    <message>
        <source>★ Advised: {way}</source>
        <translation>★ 建议：{way}</translation>
    </message>
    <message>
        <source>⚠ Nothing can be learned here</source>
        <translation>⚠ 这里学不到任何东西</translation>
    </message>
</context>
<context>
    <name>MeasuringPage</name>
    <message>
        <source>Your images are being looked at</source>
        <translation>正在查看您的图像</translation>
    </message>
    <message>
        <source>Some of your training images go through the network once, to find out how much it knows about them. This takes a minute or less, and advice follows from it.</source>
        <translation>让您的一部分训练图像通过网络一次，以了解网络对它们知道多少。这需要一分钟或更短时间，随后给出建议。</translation>
    </message>
    <message>
        <source>How far the look at your images is</source>
        <translation>查看图像的进度</translation>
    </message>
    <message>
        <source>&amp;Don&apos;t wait: ask me two questions</source>
        <translation>不等待：向我提两个问题(&amp;D)</translation>
    </message>
    <message>
        <source>&amp;Stop looking at the images</source>
        <translation>停止查看图像(&amp;S)</translation>
    </message>
    <message>
        <source>The image folder is still being read…</source>
        <translation>仍在读取图像文件夹…</translation>
    </message>
</context>
<context>
    <name>MessageBar</name>
    <message>
        <source>Close the message</source>
        <translation>关闭消息</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Open a model to see its card here.</source>
        <translation>打开模型后，这里会显示它的卡片。</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>Written by</source>
        <translation>生成软件</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Input</source>
        <translation>输入</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Pixel values</source>
        <translation>像素值</translation>
    </message>
    <message>
        <source>Chosen</source>
        <translation>已选择</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>Add to library…</source>
        <translation>添加到模型库…</translation>
    </message>
    <message>
        <source>This model is in the library.</source>
        <translation>该模型已在模型库中。</translation>
    </message>
    <message>
        <source>Copy the model into the library, with this card</source>
        <translation>把模型连同此卡片复制到模型库</translation>
    </message>
    <message>
        <source>{mode}; {source}</source>
        <translation>{mode}；{source}</translation>
    </message>
    <message>
        <source>{writer}, format {format}</source>
        <translation>{writer}，格式 {format}</translation>
    </message>
    <message>
        <source>none of the catalogue</source>
        <translation>不在目录中</translation>
    </message>
    <message>
        <source>being computed…</source>
        <translation>正在计算…</translation>
    </message>
    <message>
        <source>{name}, {size}</source>
        <translation>{name}，{size}</translation>
    </message>
    <message>
        <source>{file}, with {others}</source>
        <translation>{file}，另有 {others}</translation>
    </message>
    <message numerus="yes">
        <source>{names} and %n more</source>
        <translation>
            <numerusform>{names} 等，另有 %n 个</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n: {names}</source>
        <translation>
            <numerusform>%n 个：{names}</numerusform>
        </translation>
    </message>
    <message>
        <source>none; it gives no class scores</source>
        <translation>无；它不给出类别得分</translation>
    </message>
    <message numerus="yes">
        <source>%n, without names</source>
        <translation>
            <numerusform>%n 个，没有名称</numerusform>
        </translation>
    </message>
    <message>
        <source>network {name}</source>
        <translation>网络 {name}</translation>
    </message>
    <message>
        <source>output of {layer}</source>
        <translation>{layer} 的输出</translation>
    </message>
    <message>
        <source>input size {size}</source>
        <translation>输入尺寸 {size}</translation>
    </message>
    <message>
        <source>{choice} in place of {layer}</source>
        <translation>用 {choice} 代替 {layer}</translation>
    </message>
</context>
<context>
    <name>ModelExport</name>
    <message>
        <source>Export model</source>
        <translation>导出模型</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>The model was written to {path} ({size}) and loaded again: it gives the run&apos;s probabilities. It takes pixels from 0 to 255.</source>
        <translation>模型已写入 {path}（{size}）并重新加载核对：它给出与运行相同的概率。它接受 0 到 255 的像素值。</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>The export was stopped; nothing was written.</source>
        <translation>导出已停止；没有写入任何文件。</translation>
    </message>
</context>
<context>
    <name>ModelPanel</name>
    <message>
        <source>Filter layers by name or type</source>
        <translation>按名称或类型筛选层</translation>
    </message>
    <message>
        <source>Filter layers</source>
        <translation>筛选层</translation>
    </message>
    <message>
        <source>Layers of the network, with freeze checkboxes</source>
        <translation>网络的各层，带冻结复选框</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>层</translation>
    </message>
    <message>
        <source>Learning rates of the layers that train</source>
        <translation>参与训练的各层的学习率</translation>
    </message>
    <message>
        <source>The same for all</source>
        <translation>所有层相同</translation>
    </message>
    <message>
        <source>Rising with height, from a tenth to the whole</source>
        <translation>自下而上递增，从十分之一到全额</translation>
    </message>
    <message>
        <source>Upper half whole, lower half a tenth</source>
        <translation>上半部分全额，下半部分十分之一</translation>
    </message>
    <message>
        <source>Drop a model here (.h5, .hdf5, .keras, .caffemodel, SavedModel)</source>
        <translation>把模型拖到这里（.h5、.hdf5、.keras、.caffemodel、SavedModel）</translation>
    </message>
    <message>
        <source>Model library…</source>
        <translation>模型库…</translation>
    </message>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n 条警告</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) mended</source>
        <translation>
            <numerusform>修复了 %n 处</numerusform>
        </translation>
    </message>
    <message>
        <source>What was mended in the file, and what to know of it</source>
        <translation>文件中修复了什么，以及需要了解什么</translation>
    </message>
    <message>
        <source>Cut the network here; freeze or free layers below or above</source>
        <translation>在此截断网络；冻结或解冻其下或其上的层</translation>
    </message>
    <message>
        <source>Cut the network here</source>
        <translation>在此截断网络</translation>
    </message>
    <message>
        <source>Freeze this and everything below</source>
        <translation>冻结此层及其下所有层</translation>
    </message>
    <message>
        <source>Freeze this and everything above</source>
        <translation>冻结此层及其上所有层</translation>
    </message>
    <message>
        <source>Unfreeze this and everything below</source>
        <translation>解冻此层及其下所有层</translation>
    </message>
    <message>
        <source>Unfreeze this and everything above</source>
        <translation>解冻此层及其上所有层</translation>
    </message>
    <message>
        <source>No model is open</source>
        <translation>尚未打开模型</translation>
    </message>
    <message>
        <source>Open a model…</source>
        <translation>打开模型…</translation>
    </message>
    <message>
        <source>{name}: input {input}, output {output}, {parameters} parameters, {writer}</source>
        <translation>{name}：输入 {input}，输出 {output}，{parameters} 个参数，{writer}</translation>
    </message>
</context>
<context>
    <name>NotesList</name>
    <message>
        <source>Warnings and repairs of the model file</source>
        <translation>模型文件的警告和修复</translation>
    </message>
    <message>
        <source>Warning: {text}</source>
        <translation>警告：{text}</translation>
    </message>
    <message>
        <source>Mended: {text}</source>
        <translation>已修复：{text}</translation>
    </message>
    <message numerus="yes">
        <source>… and %n more</source>
        <translation>
            <numerusform>…… 另有 %n 个</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>A learning rate of {rate} is large for fine-tuning; smooth weights may be torn.</source>
        <translation>对微调来说学习率 {rate} 偏大，可能破坏平滑的权重。</translation>
    </message>
    <message>
        <source>The model does not say what pixel values it takes; “{mode}” was found by trial ({tried}).</source>
        <translation>模型没有说明所需的像素值；经试验确定为“{mode}”（{tried}）。</translation>
    </message>
    <message>
        <source>The model does not say what pixel values it takes, and it could not be tried on these images; “{mode}” was assumed.</source>
        <translation>模型没有说明它接受怎样的像素值，也无法在这些图像上试出；已假定为“{mode}”。</translation>
    </message>
    <message>
        <source>The frozen part&apos;s outputs are too large to keep on this disk; they are computed anew in each epoch.</source>
        <translation>冻结部分的输出太大，无法保存在此磁盘上；每一轮都会重新计算。</translation>
    </message>
    <message>
        <source>The loss was no longer a number in epoch {epoch}. The run went back to its last checkpoint, and goes on at a tenth of the learning rate.</source>
        <translation>第 {epoch} 轮的损失不再是有效数值。运行已退回到最后一个检查点，并以十分之一的学习率继续。</translation>
    </message>
    <message>
        <source>The weights were no numbers any more when the run was stopped; it can be resumed from the checkpoint before.</source>
        <translation>运行停止时，权重已不再是有效数值；可以从之前的检查点恢复运行。</translation>
    </message>
    <message>
        <source>The training loss rises in epoch {epoch}: the learning rate {rate} is too large for the trained weights.</source>
        <translation>第 {epoch} 轮的训练损失上升：学习率 {rate} 对训练好的权重来说过大。</translation>
    </message>
    <message>
        <source>The run began with other versions ({versions}); what follows may differ in the last digits.</source>
        <translation>运行开始时使用的是其他版本（{versions}）；后续结果的末几位数字可能有所不同。</translation>
    </message>
    <message>
        <source>Only {free} of memory are left. The run was saved and waits; it goes on when other programs give memory back.</source>
        <translation>内存只剩 {free}。运行已保存并在等待；其他程序释放内存后会继续。</translation>
    </message>
    <message>
        <source>Only {free} are left on the disk of the run. The run was saved and waits; it goes on when there is space again.</source>
        <translation>运行所在的磁盘只剩 {free}。运行已保存并在等待；有空间后会继续。</translation>
    </message>
    <message>
        <source>The calculation has not moved for {seconds} seconds; usually a step takes {usual}. It may be waiting for the disk or for memory.</source>
        <translation>计算已有 {seconds} 秒没有进展；通常一步需要 {usual}。可能在等待磁盘或内存。</translation>
    </message>
    <message>
        <source>The device&apos;s memory is too small for batches of {batch}; they go through it in {parts} parts, with the same result.</source>
        <translation>设备内存不足以处理大小为 {batch} 的批次；每个批次将分 {parts} 份计算，结果相同。</translation>
    </message>
    <message>
        <source>The frozen part is computed by TensorFlow, since the faster engine cannot be used ({reason}).</source>
        <translation>无法使用更快的推理引擎（{reason}），冻结部分改由 TensorFlow 计算。</translation>
    </message>
    <message>
        <source>This machine has no device that gains from half precision; everything is computed in full precision.</source>
        <translation>本机没有能从半精度获益的设备；全部以全精度计算。</translation>
    </message>
</context>
<context>
    <name>OpeningDialog</name>
    <message>
        <source>Open {name}</source>
        <translation>打开 {name}</translation>
    </message>
</context>
<context>
    <name>OutputBox</name>
    <message>
        <source>Several outputs</source>
        <translation>多个输出</translation>
    </message>
    <message>
        <source>The network has several outputs. Which one gives the classes?</source>
        <translation>网络有多个输出。哪一个给出类别？</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>输出</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>形状</translation>
    </message>
    <message>
        <source>Outputs of the network</source>
        <translation>网络的输出</translation>
    </message>
</context>
<context>
    <name>Phases</name>
    <message>
        <source>Preparing the network…</source>
        <translation>正在准备网络…</translation>
    </message>
    <message>
        <source>Reading the images…</source>
        <translation>正在读取图像…</translation>
    </message>
    <message>
        <source>Computing the frozen part&apos;s features…</source>
        <translation>正在计算冻结部分的特征…</translation>
    </message>
    <message>
        <source>Scoring the test images…</source>
        <translation>正在为测试图像评分…</translation>
    </message>
    <message>
        <source>Trying learning rates…</source>
        <translation>正在试验学习率…</translation>
    </message>
    <message>
        <source>Asking the layers…</source>
        <translation>正在考察各层…</translation>
    </message>
    <message>
        <source>Trying the ways…</source>
        <translation>正在试验各种方式…</translation>
    </message>
    <message>
        <source>Writing the model…</source>
        <translation>正在写入模型…</translation>
    </message>
    <message>
        <source>Loading the model again, to compare…</source>
        <translation>正在重新加载模型以作比较…</translation>
    </message>
    <message>
        <source>Preparing the network for a look at your images…</source>
        <translation>正在准备网络以查看您的图像…</translation>
    </message>
    <message>
        <source>Reading some of your images…</source>
        <translation>正在读取一部分图像…</translation>
    </message>
    <message>
        <source>Looking at your images through the network…</source>
        <translation>正在用网络查看您的图像…</translation>
    </message>
    <message>
        <source>Finding out what each layer knows about them…</source>
        <translation>正在了解各层对它们知道多少…</translation>
    </message>
    <message>
        <source>{phase} {done} of {total}</source>
        <translation>{phase}{done} / {total}</translation>
    </message>
</context>
<context>
    <name>PlanPanel</name>
    <message>
        <source>New head</source>
        <translation>新分类头</translation>
    </message>
    <message>
        <source>Optimizer</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Epochs at most</source>
        <translation>最多轮数</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>批次大小</translation>
    </message>
    <message>
        <source>Patience (epochs)</source>
        <translation>耐心（轮）</translation>
    </message>
    <message>
        <source>Validation share</source>
        <translation>验证比例</translation>
    </message>
    <message>
        <source>Augmentation</source>
        <translation>数据增强</translation>
    </message>
    <message>
        <source>Pixel values</source>
        <translation>像素值</translation>
    </message>
    <message>
        <source>Fit to size by</source>
        <translation>适配尺寸方式</translation>
    </message>
    <message>
        <source>Save as</source>
        <translation>保存为</translation>
    </message>
    <message>
        <source>Find…</source>
        <translation>查找…</translation>
    </message>
    <message>
        <source>Try learning rates on this network and these images, and propose one; nothing is changed by it</source>
        <translation>用此网络和这些图像试验学习率并给出建议；不会更改任何内容</translation>
    </message>
    <message>
        <source>Advanced…</source>
        <translation>高级…</translation>
    </message>
    <message>
        <source>How the rate moves, rare classes, memory, solver, and the mix of random changes</source>
        <translation>学习率的变化方式、稀少的类别、内存、求解器以及随机变化的组合</translation>
    </message>
    <message>
        <source>Sizes of hidden layers, such as 256,64; “none” for none; “keep” keeps the model&apos;s own classifier</source>
        <translation>隐藏层的大小，例如 256,64；“none”表示没有；“keep”保留模型自己的分类器</translation>
    </message>
    <message>
        <source>Give rare classes more weight</source>
        <translation>为稀少的类别加大权重</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>light</source>
        <translation>轻度</translation>
    </message>
    <message>
        <source>strong</source>
        <translation>强</translation>
    </message>
    <message>
        <source>own mix</source>
        <translation>自定义组合</translation>
    </message>
    <message>
        <source>found by itself</source>
        <translation>自动确定</translation>
    </message>
    <message>
        <source>cropping</source>
        <translation>裁剪</translation>
    </message>
    <message>
        <source>padding</source>
        <translation>填充</translation>
    </message>
    <message>
        <source>stretching</source>
        <translation>拉伸</translation>
    </message>
    <message>
        <source>{strategy}, cut at {layer}</source>
        <translation>{strategy}，在 {layer} 处截断</translation>
    </message>
    <message>
        <source>{strategy}, the old head is kept</source>
        <translation>{strategy}，保留原分类头</translation>
    </message>
    <message>
        <source>{strategy}, cut at {layer}, with the features of {also}, too</source>
        <translation>{strategy}，在 {layer} 处截断，并同时使用 {also} 的特征</translation>
    </message>
</context>
<context>
    <name>Preprocessing</name>
    <message>
        <source>as they are, 0 to 255</source>
        <translation>原样，0 到 255</translation>
    </message>
    <message>
        <source>0 to 1</source>
        <translation>0 到 1</translation>
    </message>
    <message>
        <source>-1 to 1</source>
        <translation>-1 到 1</translation>
    </message>
    <message>
        <source>ImageNet mean and deviation</source>
        <translation>ImageNet 均值与标准差</translation>
    </message>
    <message>
        <source>BGR minus ImageNet&apos;s mean (Caffe)</source>
        <translation>BGR 减去 ImageNet 均值（Caffe）</translation>
    </message>
    <message>
        <source>BGR, 0 to 255</source>
        <translation>BGR，0 到 255</translation>
    </message>
    <message>
        <source>declared by the file</source>
        <translation>由文件声明</translation>
    </message>
    <message>
        <source>known from the catalogue</source>
        <translation>由目录得知</translation>
    </message>
    <message>
        <source>assumed; the ways will be tried on your images</source>
        <translation>假定；各种方式将在您的图像上试过</translation>
    </message>
</context>
<context>
    <name>ProblemTree</name>
    <message>
        <source>{left} of {count} left</source>
        <translation>共 {count} 个，剩 {left} 个</translation>
    </message>
</context>
<context>
    <name>Problems</name>
    <message>
        <source>empty file</source>
        <translation>空文件</translation>
    </message>
    <message>
        <source>not a file</source>
        <translation>不是文件</translation>
    </message>
    <message>
        <source>not an image</source>
        <translation>不是图像</translation>
    </message>
    <message>
        <source>a format that is not read</source>
        <translation>无法读取的格式</translation>
    </message>
    <message>
        <source>too large</source>
        <translation>太大</translation>
    </message>
    <message>
        <source>cut off</source>
        <translation>不完整</translation>
    </message>
    <message>
        <source>cannot be read</source>
        <translation>无法读取</translation>
    </message>
    <message>
        <source>very long and narrow (used all the same)</source>
        <translation>非常狭长（仍会使用）</translation>
    </message>
    <message>
        <source>outside the class folders</source>
        <translation>不在类别文件夹内</translation>
    </message>
    <message>
        <source>class without usable images</source>
        <translation>类别中没有可用图像</translation>
    </message>
    <message>
        <source>named by the table, but not there</source>
        <translation>表格中有，但文件不存在</translation>
    </message>
    <message>
        <source>named twice by the table</source>
        <translation>表格中出现两次</translation>
    </message>
    <message>
        <source>has no such page</source>
        <translation>没有这一页</translation>
    </message>
    <message>
        <source>the same picture twice</source>
        <translation>同一张图出现两次</translation>
    </message>
    <message>
        <source>nearly the same picture twice</source>
        <translation>几乎相同的图出现两次</translation>
    </message>
    <message>
        <source>the same picture in two classes</source>
        <translation>同一张图在两个类别中</translation>
    </message>
    <message>
        <source>nearly the same picture in two classes</source>
        <translation>几乎相同的图在两个类别中</translation>
    </message>
    <message>
        <source>the same picture trains and tests</source>
        <translation>同一张图既用于训练又用于测试</translation>
    </message>
    <message>
        <source>nearly the same picture trains and tests</source>
        <translation>几乎相同的图既用于训练又用于测试</translation>
    </message>
    <message>
        <source>one colour, nothing to see</source>
        <translation>只有一种颜色，没有内容</translation>
    </message>
    <message>
        <source>blurred</source>
        <translation>模糊</translation>
    </message>
    <message>
        <source>a class with very few images</source>
        <translation>图像极少的类别</translation>
    </message>
    <message>
        <source>far fewer images than another class</source>
        <translation>图像远少于另一个类别</translation>
    </message>
    <message>
        <source>image size alone tells the classes apart</source>
        <translation>仅凭图像尺寸就能区分类别</translation>
    </message>
    <message>
        <source>brightness alone tells the classes apart</source>
        <translation>仅凭亮度就能区分类别</translation>
    </message>
</context>
<context>
    <name>ProblemsPage</name>
    <message>
        <source>Problems found in the dataset</source>
        <translation>数据集中发现的问题</translation>
    </message>
    <message>
        <source>What is wrong with a dataset shows here when one is open.</source>
        <translation>打开数据集后，这里会显示其中的问题。</translation>
    </message>
    <message>
        <source>No problems were found.</source>
        <translation>没有发现问题。</translation>
    </message>
    <message>
        <source>Select a kind of problem, or single ones, to see what can be done.</source>
        <translation>选择一类问题或个别问题，查看可以怎么处理。</translation>
    </message>
    <message numerus="yes">
        <source>%Ln problem(s) left</source>
        <translation>
            <numerusform>还剩 %Ln 个问题</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Quadrants</name>
    <message>
        <source>Many images</source>
        <translation>图像多</translation>
    </message>
    <message>
        <source>Few images</source>
        <translation>图像少</translation>
    </message>
    <message>
        <source>Different</source>
        <translation>不同</translation>
    </message>
    <message>
        <source>Similar</source>
        <translation>相似</translation>
    </message>
    <message>
        <source>◆ Your images</source>
        <translation>◆ 您的图像</translation>
    </message>
    <message>
        <source>★ {name}</source>
        <translation>★ {name}</translation>
    </message>
    <message>
        <source>Recommended</source>
        <translation>推荐</translation>
    </message>
    <message>
        <source>{share} right</source>
        <translation>{share} 正确</translation>
    </message>
    <message>
        <source>{right}, {time}</source>
        <translation>{right}，{time}</translation>
    </message>
</context>
<context>
    <name>RateFinder</name>
    <message>
        <source>Learning-rate finder</source>
        <translation>学习率查找器</translation>
    </message>
    <message>
        <source>Progress of the search</source>
        <translation>查找进度</translation>
    </message>
    <message>
        <source>Loss by learning rate</source>
        <translation>不同学习率下的损失</translation>
    </message>
    <message>
        <source>Training loss</source>
        <translation>训练损失</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Use {rate}</source>
        <translation>使用 {rate}</translation>
    </message>
    <message>
        <source>The search was stopped.</source>
        <translation>查找已停止。</translation>
    </message>
    <message>
        <source>The loss falls well at a learning rate of {rate}. Move the line to choose another one: best left of the lowest point, where the curve still falls.</source>
        <translation>学习率为 {rate} 时损失下降良好。移动竖线可选择其他值：最好在最低点左侧、曲线仍在下降处。</translation>
    </message>
    <message>
        <source>The loss never fell, so no rate can be proposed. More images or another head may help.</source>
        <translation>损失始终没有下降，因此无法给出建议。增加图像或更换分类头可能有帮助。</translation>
    </message>
    <message>
        <source>Learning rates are tried, from tiny to far too large. Nothing of your plan is changed.</source>
        <translation>正在从极小到过大依次试验学习率。您的方案不会有任何改变。</translation>
    </message>
</context>
<context>
    <name>ReadingLine</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Leave off reading the model</source>
        <translation>停止读取模型</translation>
    </message>
    <message>
        <source>The model is being read</source>
        <translation>正在读取模型</translation>
    </message>
    <message>
        <source>Reading {name}…</source>
        <translation>正在读取 {name}…</translation>
    </message>
</context>
<context>
    <name>Recipe</name>
    <message>
        <source>First train the new head alone</source>
        <translation>先单独训练新分类头</translation>
    </message>
    <message>
        <source>Until it settles, all below it stays frozen. For fine-tuning: an untrained head would tear the trained weights under it.</source>
        <translation>在它稳定之前，其下所有层保持冻结。适用于微调：未经训练的分类头会破坏其下训练好的权重。</translation>
    </message>
    <message>
        <source>For at most (epochs)</source>
        <translation>最多（轮）</translation>
    </message>
    <message>
        <source>It ends sooner when it brings no more gain, and never takes more than half of all epochs.</source>
        <translation>不再有提升时会提前结束，且不超过总轮数的一半。</translation>
    </message>
    <message>
        <source>Keep the model of epoch</source>
        <translation>保留哪一轮的模型</translation>
    </message>
    <message>
        <source>The last one suits a rate that falls to nothing, and few validation images, which cannot tell one epoch from another. Choose the best where training stops without gain.</source>
        <translation>学习率逐渐降到零、或验证图像很少（难以分辨各轮优劣）时，宜保留最后一轮。如果训练会在不再进步时停止，请选择最佳一轮。</translation>
    </message>
    <message>
        <source>Time decay</source>
        <translation>时间衰减</translation>
    </message>
    <message>
        <source>The rate falls as rate / (1 + decay × steps), as in the classic recipe, where it is 0.000001. Leave it at 0 with a cosine.</source>
        <translation>学习率按“学习率 / (1 + 衰减 × 步数)”下降；经典方案中衰减为 0.000001。使用余弦下降时请保持为 0。</translation>
    </message>
    <message>
        <source>Momentum</source>
        <translation>动量</translation>
    </message>
    <message>
        <source>Steps keep going the way of those before; 0.9 is usual for SGD.</source>
        <translation>每一步延续之前各步的方向；SGD 通常取 0.9。</translation>
    </message>
    <message>
        <source>Look ahead (Nesterov)</source>
        <translation>前瞻（Nesterov）</translation>
    </message>
    <message>
        <source>The gradient is taken where the momentum leads. It is part of the classic recipe.</source>
        <translation>在动量所指向的位置计算梯度。这是经典方案的一部分。</translation>
    </message>
    <message>
        <source>The rate</source>
        <translation>学习率</translation>
    </message>
    <message>
        <source>A cosine suits runs whose length is known; falling when there is no gain suits runs that end by early stopping. For a new head on fixed features the rate may stay as it is.</source>
        <translation>余弦下降适合长度已知的运行；无提升时下降适合以提前停止结束的运行。在固定特征上训练新分类头时，学习率可以保持不变。</translation>
    </message>
    <message>
        <source>Epochs to warm up</source>
        <translation>预热轮数</translation>
    </message>
    <message>
        <source>The rate rises from almost nothing in these epochs. It spares trained weights the first, rough steps of Adam and its kin; one to five epochs are usual for fine-tuning.</source>
        <translation>学习率在这些轮中从接近零逐渐升高，使训练好的权重免受 Adam 类优化器最初几步剧烈更新的影响；微调时通常为一到五轮。</translation>
    </message>
    <message>
        <source>Lowest rate</source>
        <translation>最低学习率</translation>
    </message>
    <message>
        <source>Share of the learning rate that it does not fall below.</source>
        <translation>学习率不会低于其初始值的这一比例。</translation>
    </message>
    <message>
        <source>Falls to</source>
        <translation>下降到</translation>
    </message>
    <message>
        <source>Share of the rate that is left after each fall.</source>
        <translation>每次下降后剩余的学习率比例。</translation>
    </message>
    <message>
        <source>After epochs without gain</source>
        <translation>无提升多少轮后下降</translation>
    </message>
    <message>
        <source>Choose fewer than the patience of early stopping, or the run ends before the rate falls.</source>
        <translation>应小于提前停止的耐心轮数，否则学习率还没下降运行就结束了。</translation>
    </message>
    <message>
        <source>Weight decay</source>
        <translation>权重衰减</translation>
    </message>
    <message>
        <source>Draws weights towards zero in each step, against overfitting. 0.0001 to 0.05 are usual; more for few images and many weights.</source>
        <translation>每一步都把权重拉向零，以防止过拟合。通常为 0.0001 到 0.05；图像少而权重多时取较大的值。</translation>
    </message>
    <message>
        <source>Label smoothing</source>
        <translation>标签平滑</translation>
    </message>
    <message>
        <source>Takes this share of certainty from the right class. It helps where labels hold errors, and makes probabilities less extreme; 10 % is usual.</source>
        <translation>从正确类别的确定性中减去这一比例。适用于标签有错误的情况，并使概率不那么极端；通常为 10%。</translation>
    </message>
    <message>
        <source>Draw all classes equally often</source>
        <translation>各类别均衡抽样</translation>
    </message>
    <message>
        <source>Images of rare classes come again and again. For strongly uneven classes; not together with weights, which would count rare classes twice.</source>
        <translation>稀少类别的图像会重复出现。适用于类别极不均衡的情况；不要与类别权重同时使用，否则稀少的类别会被重复计入。</translation>
    </message>
    <message>
        <source>Give rare classes more weight</source>
        <translation>为稀少的类别加大权重</translation>
    </message>
    <message>
        <source>Each image counts by how rare its class is. For uneven classes; every image is still seen once an epoch.</source>
        <translation>每张图像按其类别的稀少程度加权。适用于类别不均衡的情况；每张图像每轮仍只使用一次。</translation>
    </message>
    <message>
        <source>A batch goes through in parts</source>
        <translation>每个批次的份数</translation>
    </message>
    <message>
        <source>Each part needs only its share of the memory, and the step is the same. Use it when a batch does not fit; BatchNormalization that trains sees the parts alone.</source>
        <translation>批次分成几份依次计算，每份只占用相应的内存，更新步骤不变。批次放不进内存时使用；参与训练的 BatchNormalization 只能看到单独的每一份。</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>精度</translation>
    </message>
    <message>
        <source>Half precision is faster on newer GPUs. Without one, everything is computed in full precision.</source>
        <translation>半精度在较新的 GPU 上更快。没有这样的 GPU 时，全部以全精度计算。</translation>
    </message>
    <message>
        <source>The head is fitted</source>
        <translation>分类头的拟合方式</translation>
    </message>
    <message>
        <source>L-BFGS finds the best linear head on fixed features in seconds, and chooses its regularization by the validation images.</source>
        <translation>L-BFGS 在数秒内求得固定特征上的最佳线性分类头，并根据验证图像选择正则化强度。</translation>
    </message>
    <message>
        <source>Strength</source>
        <translation>强度</translation>
    </message>
    <message>
        <source>Images are changed at random so that the network does not learn them by heart. Choose only changes that leave the class what it is.</source>
        <translation>随机改变图像，使网络不会把它们死记下来。请只选择不改变类别的变化。</translation>
    </message>
    <message>
        <source>Turned by at most</source>
        <translation>最大旋转角度</translation>
    </message>
    <message>
        <source>To either side. Up to 180° where images have no upside, as under a microscope.</source>
        <translation>向两侧旋转。图像没有上下之分时（如显微镜图像）可达 180°。</translation>
    </message>
    <message>
        <source>Moved by at most</source>
        <translation>最大平移</translation>
    </message>
    <message>
        <source>Share of the width and of the height.</source>
        <translation>占宽度和高度的比例。</translation>
    </message>
    <message>
        <source>Zoomed by at most</source>
        <translation>最大缩放</translation>
    </message>
    <message>
        <source>In and out. Not where size tells the classes apart.</source>
        <translation>放大和缩小。以大小区分类别时不要使用。</translation>
    </message>
    <message>
        <source>Brightness by at most</source>
        <translation>最大亮度变化</translation>
    </message>
    <message>
        <source>Brighter and darker. Not where brightness tells the classes apart.</source>
        <translation>变亮和变暗。以亮度区分类别时不要使用。</translation>
    </message>
    <message>
        <source>Contrast by at most</source>
        <translation>最大对比度变化</translation>
    </message>
    <message>
        <source>Duller and harsher.</source>
        <translation>减弱和增强对比度。</translation>
    </message>
    <message>
        <source>Mirror left to right</source>
        <translation>左右翻转</translation>
    </message>
    <message>
        <source>Half of the images. Not for letters, or where sides matter.</source>
        <translation>翻转一半的图像。不适用于文字，或左右有别的图像。</translation>
    </message>
    <message>
        <source>Mirror upside down</source>
        <translation>上下翻转</translation>
    </message>
    <message>
        <source>Half of the images. For images without an upside.</source>
        <translation>翻转一半的图像。适用于没有上下之分的图像。</translation>
    </message>
    <message>
        <source>Versions kept of each image</source>
        <translation>每张图像保留的版本数</translation>
    </message>
    <message>
        <source>The frozen part&apos;s outputs of so many versions are kept on the disk and taken in turns, which is far faster than computing new ones in each epoch. Five to ten are a good trade.</source>
        <translation>冻结部分对这些版本的输出保存在磁盘上并轮流使用，远快于每轮重新计算。五到十个是较好的折中。</translation>
    </message>
    <message>
        <source>A solver needs a head without hidden layers, all layers below it frozen, and no augmentation.</source>
        <translation>求解器要求分类头不含隐藏层、其下所有层都已冻结，且没有数据增强。</translation>
    </message>
</context>
<context>
    <name>RecipeDialog</name>
    <message>
        <source>Advanced training settings</source>
        <translation>高级训练设置</translation>
    </message>
    <message>
        <source>Stages</source>
        <translation>阶段</translation>
    </message>
    <message>
        <source>Steps of the optimizer</source>
        <translation>优化器的步进</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Memory and arithmetic</source>
        <translation>内存与运算</translation>
    </message>
    <message>
        <source>Random changes of training images</source>
        <translation>训练图像的随机变化</translation>
    </message>
    <message>
        <source>stays as it is</source>
        <translation>保持不变</translation>
    </message>
    <message>
        <source>falls along a cosine</source>
        <translation>按余弦下降</translation>
    </message>
    <message>
        <source>falls without gain</source>
        <translation>无提升时下降</translation>
    </message>
    <message>
        <source>full</source>
        <translation>全精度</translation>
    </message>
    <message>
        <source>mixed, where a GPU gains from it</source>
        <translation>混合精度（若 GPU 能获益）</translation>
    </message>
    <message>
        <source>by gradient steps</source>
        <translation>梯度下降</translation>
    </message>
    <message>
        <source>by a solver (L-BFGS)</source>
        <translation>求解器（L-BFGS）</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>light</source>
        <translation>轻度</translation>
    </message>
    <message>
        <source>strong</source>
        <translation>强</translation>
    </message>
    <message>
        <source>own mix</source>
        <translation>自定义组合</translation>
    </message>
    <message>
        <source>the best by validation</source>
        <translation>验证结果最佳的一轮</translation>
    </message>
    <message>
        <source>the last</source>
        <translation>最后一轮</translation>
    </message>
    <message>
        <source>the optimizer&apos;s own</source>
        <translation>优化器默认值</translation>
    </message>
    <message>
        <source>anew in each epoch</source>
        <translation>每轮重新生成</translation>
    </message>
    <message>
        <source>Nothing below the layers that train is frozen, so nothing is kept.</source>
        <translation>参与训练的层之下没有冻结的层，因此不保留任何内容。</translation>
    </message>
    <message>
        <source>The frozen part is computed anew for every image in every epoch.</source>
        <translation>每一轮都会为每张图像重新计算冻结部分。</translation>
    </message>
    <message>
        <source>The versions take about {size} of the disk.</source>
        <translation>这些版本约占用 {size} 磁盘空间。</translation>
    </message>
</context>
<context>
    <name>Repairs</name>
    <message>
        <source>A Sequential was stored as a bare list (before Keras 2.2.3).</source>
        <translation>Sequential 以单纯列表保存（Keras 2.2.3 之前）。</translation>
    </message>
    <message>
        <source>The input layer was missing and was added (before Keras 2.3).</source>
        <translation>缺少输入层，已补上（Keras 2.3 之前）。</translation>
    </message>
    <message>
        <source>Arithmetic between layers became layers that do the same.</source>
        <translation>层与层之间的算术运算已改为作用相同的层。</translation>
    </message>
    <message>
        <source>A Lambda was not run; the layer that you chose stands in for it.</source>
        <translation>Lambda 没有运行；由您选择的层代替它。</translation>
    </message>
    <message>
        <source>A layer was used as in training even for prediction (as for Monte Carlo dropout); here it predicts as usual, so that outputs differ.</source>
        <translation>有一层在预测时也按训练方式使用（如蒙特卡罗 Dropout）；这里按通常方式预测，因此输出会不同。</translation>
    </message>
    <message>
        <source>An activation inside a layer became a layer of its own.</source>
        <translation>层内的激活函数已成为单独的层。</translation>
    </message>
    <message>
        <source>It gives features, no class scores; use it below a new head.</source>
        <translation>它给出特征而非类别得分；请在其上接新的分类头。</translation>
    </message>
    <message>
        <source>Layers and options with the names of Keras 1 were renamed.</source>
        <translation>使用 Keras 1 名称的层和选项已改名。</translation>
    </message>
    <message>
        <source>A Merge layer became the layer that does the same now (Keras 1).</source>
        <translation>Merge 层已改为现在作用相同的层（Keras 1）。</translation>
    </message>
    <message>
        <source>The mode of a batch normalization was dropped, which is the usual one (Keras 1).</source>
        <translation>批归一化的模式就是通常的模式，已删去（Keras 1）。</translation>
    </message>
    <message>
        <source>Variants of a layer became the layer itself (tf.keras, others).</source>
        <translation>层的变体已改为该层本身（tf.keras 等）。</translation>
    </message>
    <message>
        <source>A self-made layer for a known activation became Keras&apos; own.</source>
        <translation>为已知激活函数自制的层已改为 Keras 自带的层。</translation>
    </message>
    <message>
        <source>Paths that were dropped at random in training are kept now; the result is the same.</source>
        <translation>训练时随机丢弃的路径现在保留；结果相同。</translation>
    </message>
    <message>
        <source>A ThresholdedReLU became a ReLU with that threshold (Keras 2).</source>
        <translation>ThresholdedReLU 已改为带该阈值的 ReLU（Keras 2）。</translation>
    </message>
    <message>
        <source>A random change of image sizes while training, which Keras 3 does not have, was left out.</source>
        <translation>去掉了训练时随机改变图像大小的层，Keras 3 没有它。</translation>
    </message>
    <message>
        <source>“groups=1” was dropped, which Keras 3 no longer knows here (written by Keras 2).</source>
        <translation>已去掉“groups=1”，Keras 3 在此处不再支持（由 Keras 2 写出）。</translation>
    </message>
    <message>
        <source>The input&apos;s shape was given in the old way (Keras 1 and 2).</source>
        <translation>输入形状采用旧的写法（Keras 1 和 2）。</translation>
    </message>
    <message>
        <source>The axis of a batch normalization was given as a list (tf.keras 2).</source>
        <translation>批归一化的轴写成了列表（tf.keras 2）。</translation>
    </message>
    <message>
        <source>Options with old names were renamed (Keras 2).</source>
        <translation>旧名称的选项已改名（Keras 2）。</translation>
    </message>
    <message>
        <source>Options without effect on the result were dropped (Keras 1 and 2).</source>
        <translation>已去掉不影响结果的选项（Keras 1 和 2）。</translation>
    </message>
    <message>
        <source>Options that never had an effect on a layer of this type were dropped (Keras 2).</source>
        <translation>对此类层从不起作用的选项已删去（Keras 2）。</translation>
    </message>
    <message>
        <source>Unset limits of a ReLU were written out (tf.keras 2).</source>
        <translation>已写明 ReLU 未设置的界限（tf.keras 2）。</translation>
    </message>
    <message>
        <source>A dropout&apos;s noise shape was dropped; it has no effect on the result.</source>
        <translation>dropout 的噪声形状已删去；它不影响结果。</translation>
    </message>
    <message>
        <source>Layers that Keras does not have were made of several that do the same.</source>
        <translation>Keras 没有的层已由作用相同的若干层组成。</translation>
    </message>
    <message>
        <source>Layers that only serve the training (data, labels, losses, accuracies) were left out.</source>
        <translation>只用于训练的层（数据、标签、损失、准确率）已略去。</translation>
    </message>
    <message>
        <source>Outputs that only help the training were left out; name one (--output) to use it instead.</source>
        <translation>只辅助训练的输出已略去；如要使用其中之一，请指明（--output）。</translation>
    </message>
    <message>
        <source>The weights file has weights of layers that the network does not use.</source>
        <translation>权重文件中有网络不使用的层的权重。</translation>
    </message>
    <message>
        <source>A BatchNorm asked for the statistics of each batch; those of the training are used, as is usual.</source>
        <translation>某个 BatchNorm 要求使用每批的统计量；照例改用训练时的统计量。</translation>
    </message>
    <message>
        <source>BatchNorm and the Scale layer above it became one BatchNormalization.</source>
        <translation>BatchNorm 与其上方的 Scale 层合并为一个 BatchNormalization。</translation>
    </message>
    <message>
        <source>The description of the network has settings that no Caffe known here has; they were passed over, so check the results.</source>
        <translation>网络描述中有此处所知的 Caffe 都没有的设置；这些设置已略过，请核对结果。</translation>
    </message>
    <message>
        <source>The mean and the scale that the network was trained with are applied to the images inside it.</source>
        <translation>训练时所用的均值和缩放已在网络内部作用于图像。</translation>
    </message>
    <message>
        <source>The network was trained on images minus a mean image that is not beside it; ImageNet&apos;s mean is taken for it.</source>
        <translation>网络是在减去均值图像后的图像上训练的，但均值图像不在旁边；以 ImageNet 的均值代替。</translation>
    </message>
    <message>
        <source>The network expects channels-first images; it was rewritten for channels-last.</source>
        <translation>网络要求通道在前的图像；已改写为通道在后。</translation>
    </message>
    <message>
        <source>Kernels were stored in Theano&apos;s order and were transposed (Keras 1).</source>
        <translation>卷积核按 Theano 的顺序存储，已转置（Keras 1）。</translation>
    </message>
    <message>
        <source>Kernels of one-dimensional convolutions had a superfluous axis (Keras 1).</source>
        <translation>一维卷积的卷积核有一个多余的轴（Keras 1）。</translation>
    </message>
    <message>
        <source>The network was trained with Theano, which turns kernels round; they were turned back.</source>
        <translation>网络是用 Theano 训练的，它会翻转卷积核；已翻转回来。</translation>
    </message>
    <message>
        <source>The number of images that a normalization was adapted on was missing and was set to 0 (Keras 2).</source>
        <translation>归一化层所适配的图像数缺失，已设为 0（Keras 2）。</translation>
    </message>
    <message>
        <source>A layer that scales channels became a depthwise convolution, which does the same.</source>
        <translation>缩放通道的层已改为作用相同的深度卷积。</translation>
    </message>
    <message>
        <source>Some weights are stored as whole numbers; they were converted. Check that the network still does its work.</source>
        <translation>部分权重以整数存储，已转换。请检查网络是否仍能正常工作。</translation>
    </message>
    <message>
        <source>The network takes images of any size; choose the one to train with.</source>
        <translation>网络接受任意大小的图像；请选择训练时使用的尺寸。</translation>
    </message>
    <message>
        <source>The network has several outputs; choose the one to use.</source>
        <translation>网络有多个输出；请选择要用的一个。</translation>
    </message>
    <message>
        <source>Some weights are not numbers (NaN or infinite); nothing can be computed with these layers.</source>
        <translation>部分权重不是数值（NaN 或无穷大）；无法用这些层计算。</translation>
    </message>
    <message>
        <source>The folder holds no description of the layers by Keras, only a graph of operations; the layers were recovered from it. They serve as a fixed feature extractor: all are frozen until you unfreeze them.</source>
        <translation>文件夹中没有 Keras 的层描述，只有运算图；各层由运算图恢复而来，用作固定的特征提取器：在您解冻之前全部冻结。</translation>
    </message>
    <message>
        <source>The graph turns or mirrors each image at random, which belongs to training; that was left out.</source>
        <translation>运算图会随机旋转或翻转每张图像，这属于训练，已略去。</translation>
    </message>
    <message>
        <source>The rows of a Dense layer were in the order of channels-first images and were reordered.</source>
        <translation>Dense 层的各行按通道在前的图像排列，已重新排序。</translation>
    </message>
    <message>
        <source>The file holds only weights; their network was recognised by their shapes and taken from the catalogue.</source>
        <translation>文件只含权重；已按形状识别出所属网络，并从目录中取用。</translation>
    </message>
    <message>
        <source>The network that you named takes the weights of the file.</source>
        <translation>由您指明的网络使用该文件的权重。</translation>
    </message>
    <message>
        <source>The names in the weights file are others than the network&apos;s; weights were matched by order and shape.</source>
        <translation>权重文件中的名称与网络中的不同；已按顺序和形状对应权重。</translation>
    </message>
    <message>
        <source>Some layers of the weights file are no part of the network that you named; their weights are not used.</source>
        <translation>权重文件中的某些层不属于您指明的网络；不使用它们的权重。</translation>
    </message>
    <message>
        <source>A hard sigmoid was written out as Keras 2 computes it, which Keras 3 does differently.</source>
        <translation>hard sigmoid 已按 Keras 2 的算法写出，Keras 3 的算法不同。</translation>
    </message>
</context>
<context>
    <name>Results</name>
    <message>
        <source>all epochs were done</source>
        <translation>已完成所有轮次</translation>
    </message>
    <message>
        <source>stopped early, there was no more gain</source>
        <translation>提前停止，不再有提升</translation>
    </message>
    <message>
        <source>stopped by you</source>
        <translation>由您停止</translation>
    </message>
    <message>
        <source>ended by an error</source>
        <translation>因错误结束</translation>
    </message>
</context>
<context>
    <name>ResultsView</name>
    <message>
        <source>Open the run&apos;s folder</source>
        <translation>打开运行文件夹</translation>
    </message>
    <message>
        <source>Open the report</source>
        <translation>打开报告</translation>
    </message>
    <message>
        <source>Confusion matrix: true classes in rows, predicted ones in columns</source>
        <translation>混淆矩阵：行为真实类别，列为预测类别</translation>
    </message>
    <message>
        <source>Confusion matrix</source>
        <translation>混淆矩阵</translation>
    </message>
    <message>
        <source>The result of a training run is shown here.</source>
        <translation>训练运行的结果显示在这里。</translation>
    </message>
    <message>
        <source>Test accuracy: {accuracy} of {images} images that were never used in training</source>
        <translation>测试准确率：{accuracy}（{images} 张从未用于训练的图像）</translation>
    </message>
    <message>
        <source>Model of epoch {epoch}, validation accuracy {accuracy}</source>
        <translation>第 {epoch} 轮的模型，验证准确率 {accuracy}</translation>
    </message>
    <message>
        <source>{strategy}, {epochs} epochs in {seconds}, {why}</source>
        <translation>{strategy}，{epochs} 轮，用时 {seconds}，{why}</translation>
    </message>
    <message>
        <source>Model: {path}</source>
        <translation>模型：{path}</translation>
    </message>
    <message>
        <source>No model was kept: no epoch was finished.</source>
        <translation>没有保留模型：没有完成任何一轮。</translation>
    </message>
</context>
<context>
    <name>ResumeOffer</name>
    <message>
        <source>The training run “{run}” was interrupted after {epochs} epochs. It can go on from there.</source>
        <translation>训练运行“{run}”在 {epochs} 轮后中断，可以从那里继续。</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>恢复运行</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>暂不恢复</translation>
    </message>
</context>
<context>
    <name>ReviewPanel</name>
    <message>
        <source>Fewer</source>
        <translation>收起</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>还有 %n 条</numerusform>
        </translation>
    </message>
    <message>
        <source>⚠ {text}</source>
        <translation>⚠ {text}</translation>
    </message>
    <message>
        <source>Hint: {text}</source>
        <translation>提示：{text}</translation>
    </message>
</context>
<context>
    <name>RunsModel</name>
    <message>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <source>Way</source>
        <translation>方式</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>轮数</translation>
    </message>
    <message>
        <source>Validation</source>
        <translation>验证</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>测试</translation>
    </message>
    <message>
        <source>going on</source>
        <translation>进行中</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>已中断</translation>
    </message>
    <message>
        <source>{end}; can go on</source>
        <translation>{end}；可恢复</translation>
    </message>
    <message>
        <source>End</source>
        <translation>结束</translation>
    </message>
</context>
<context>
    <name>RunsPage</name>
    <message>
        <source>Resume</source>
        <translation>恢复运行</translation>
    </message>
    <message>
        <source>Export model…</source>
        <translation>导出模型…</translation>
    </message>
    <message>
        <source>Open the run&apos;s folder</source>
        <translation>打开运行文件夹</translation>
    </message>
    <message>
        <source>Go on with this run from where it was saved last, by its own plan</source>
        <translation>按此运行自己的方案，从最后一次保存的位置继续</translation>
    </message>
    <message>
        <source>Choose a run that was interrupted or stopped</source>
        <translation>请选择已中断或已停止的运行</translation>
    </message>
    <message>
        <source>Write the model of this run for other programs</source>
        <translation>将此运行的模型写成其他程序可用的格式</translation>
    </message>
    <message>
        <source>Choose a run that has ended with a model</source>
        <translation>请选择已结束并留有模型的运行</translation>
    </message>
</context>
<context>
    <name>RunsTable</name>
    <message>
        <source>Training runs of this project</source>
        <translation>此项目的训练运行</translation>
    </message>
</context>
<context>
    <name>SizeBox</name>
    <message>
        <source>Size of images</source>
        <translation>图像尺寸</translation>
    </message>
    <message>
        <source>The network takes images of any size. Choose the one that yours are brought to; 224 suits most.</source>
        <translation>网络接受任意大小的图像。请选择您的图像要调整到的尺寸；大多数情况下 224 合适。</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>高</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>宽</translation>
    </message>
    <message>
        <source> px</source>
        <translation> 像素</translation>
    </message>
</context>
<context>
    <name>StandIns</name>
    <message>
        <source>nothing: it passes values on</source>
        <translation>不作改变：原样传递数值</translation>
    </message>
    <message>
        <source>scales pixels to 0…1 (x / 255)</source>
        <translation>将像素缩放到 0…1（x / 255）</translation>
    </message>
    <message>
        <source>scales pixels to -1…1 (x / 127.5 - 1)</source>
        <translation>将像素缩放到 -1…1（x / 127.5 - 1）</translation>
    </message>
    <message>
        <source>scales pixels to -0.5…0.5 (x / 255 - 0.5)</source>
        <translation>将像素缩放到 -0.5…0.5（x / 255 - 0.5）</translation>
    </message>
    <message>
        <source>ReLU</source>
        <translation>ReLU</translation>
    </message>
    <message>
        <source>ReLU up to 6</source>
        <translation>上限为 6 的 ReLU</translation>
    </message>
    <message>
        <source>swish</source>
        <translation>swish</translation>
    </message>
    <message>
        <source>sigmoid</source>
        <translation>sigmoid</translation>
    </message>
    <message>
        <source>softmax</source>
        <translation>softmax</translation>
    </message>
    <message>
        <source>scales features to length 1</source>
        <translation>将特征缩放到长度 1</translation>
    </message>
    <message>
        <source>the mean of each feature map</source>
        <translation>每个特征图的均值</translation>
    </message>
    <message>
        <source>flattens</source>
        <translation>展平</translation>
    </message>
</context>
<context>
    <name>Strategies</name>
    <message>
        <source>Your dataset is small and similar to what the network knows. The trained network serves as a fixed feature extractor: it is cut above its convolutional part, and only a new classifier is trained. Fine-tuning would overfit.</source>
        <translation>您的数据集较小，且与网络所学的内容相似。训练好的网络用作固定的特征提取器：在卷积部分之上截断，只训练新的分类器。微调会过拟合。</translation>
    </message>
    <message>
        <source>Your dataset is large and similar to what the network knows. Training continues: the first layers, which hold general shapes, edges and colours, stay frozen; the upper ones are free, at a small learning rate so that smooth weights are not torn.</source>
        <translation>您的数据集较大，且与网络所学的内容相似。继续训练：包含一般形状、边缘和颜色的前几层保持冻结；上面的层可以训练，使用较小的学习率以免破坏平滑的权重。</translation>
    </message>
    <message>
        <source>Your dataset is small and unlike what the network knows. Its upper layers are too special, so it is cut lower down, and a new classifier is trained on the lower layers&apos; features.</source>
        <translation>您的数据集较小，且与网络所学的内容不同。网络的上层过于专门，因此在较低处截断，用低层的特征训练新的分类器。</translation>
    </message>
    <message>
        <source>Your dataset is large and unlike what the network knows. The trained weights are only the starting point: the whole network is trained.</source>
        <translation>您的数据集较大，且与网络所学的内容不同。训练好的权重只作为起点：训练整个网络。</translation>
    </message>
    <message>
        <source>The classic recipe: everything up to the cut is frozen, and a new classifier of 1024 units is trained on top by gradient descent with momentum.</source>
        <translation>经典方案：截断点以下全部冻结，在其上用带动量的梯度下降训练一个 1024 单元的新分类器。</translation>
    </message>
    <message>
        <source>Fixed feature extractor</source>
        <translation>固定特征提取器</translation>
    </message>
    <message>
        <source>Fine-tuning</source>
        <translation>微调</translation>
    </message>
    <message>
        <source>Lower layers&apos; features</source>
        <translation>低层特征</translation>
    </message>
    <message>
        <source>Trained weights as the starting point</source>
        <translation>以训练好的权重为起点</translation>
    </message>
    <message>
        <source>Classic recipe</source>
        <translation>经典方案</translation>
    </message>
</context>
<context>
    <name>StrategyWizard</name>
    <message>
        <source>Strategy wizard</source>
        <translation>策略向导</translation>
    </message>
    <message>
        <source>a run is going on. They are looked at when it has ended.</source>
        <translation>正在运行训练，结束后再查看图像。</translation>
    </message>
</context>
<context>
    <name>TrainingActions</name>
    <message>
        <source>Training begins when the model and all images have been looked at.</source>
        <translation>模型和所有图像检查完毕后即开始训练。</translation>
    </message>
    <message>
        <source>A run is going on already. Stop it before you resume another.</source>
        <translation>已有运行正在进行。请先停止它，再恢复其他运行。</translation>
    </message>
    <message>
        <source>Training is done. Test accuracy: {accuracy}</source>
        <translation>训练完成。测试准确率：{accuracy}</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>恢复运行</translation>
    </message>
    <message>
        <source>Resume with smaller batches</source>
        <translation>以更小的批次恢复运行</translation>
    </message>
    <message>
        <source>Train anew with smaller batches</source>
        <translation>以更小的批次重新训练</translation>
    </message>
    <message>
        <source>Train with batches of {smaller}</source>
        <translation>以批次大小 {smaller} 训练</translation>
    </message>
</context>
<context>
    <name>TrainingPanel</name>
    <message>
        <source>Progress of the training</source>
        <translation>训练进度</translation>
    </message>
    <message>
        <source>{elapsed} so far</source>
        <translation>已用 {elapsed}</translation>
    </message>
    <message>
        <source>{elapsed} so far, at most {left} left</source>
        <translation>已用 {elapsed}，最多还需 {left}</translation>
    </message>
    <message>
        <source>It took {seconds}</source>
        <translation>用时 {seconds}</translation>
    </message>
    <message>
        <source>Epochs in a row that brought nothing better; training ends at the second number</source>
        <translation>连续没有更好结果的轮数；达到第二个数时训练结束</translation>
    </message>
    <message>
        <source>What the run is expected to need at its largest, and what this machine has for it</source>
        <translation>运行预计的峰值需求，以及本机可供使用的内存</translation>
    </message>
    <message>
        <source>Without gain: {count} of {patience}</source>
        <translation>无提升：{count} / {patience} 轮</translation>
    </message>
    <message>
        <source>Model of epoch {epoch}, validation accuracy {accuracy}</source>
        <translation>第 {epoch} 轮的模型，验证准确率 {accuracy}</translation>
    </message>
    <message>
        <source>Run {run}</source>
        <translation>运行 {run}</translation>
    </message>
    <message>
        <source>Memory: about {needed} of {free}</source>
        <translation>内存：约需 {needed}，可用 {free}</translation>
    </message>
    <message>
        <source>Nothing is being trained yet.</source>
        <translation>尚未开始训练。</translation>
    </message>
    <message>
        <source>the new head</source>
        <translation>新分类头</translation>
    </message>
    <message>
        <source>the chosen layers</source>
        <translation>所选的层</translation>
    </message>
    <message>
        <source>Training {stage}: epoch {epoch} of at most {epochs}, batch {step}/{steps}</source>
        <translation>正在训练{stage}：第 {epoch} 轮（最多 {epochs} 轮），第 {step}/{steps} 批</translation>
    </message>
    <message>
        <source>The run waits in epoch {epoch}</source>
        <translation>运行在第 {epoch} 轮等待</translation>
    </message>
    <message>
        <source>Paused in epoch {epoch}</source>
        <translation>在第 {epoch} 轮暂停</translation>
    </message>
    <message>
        <source>Stopping; the best model so far is kept…</source>
        <translation>正在停止；保留目前最佳的模型…</translation>
    </message>
    <message>
        <source>Done after {epochs} epochs: {why}</source>
        <translation>{epochs} 轮后完成：{why}</translation>
    </message>
    <message>
        <source>The run was ended by an error.</source>
        <translation>运行因错误而结束。</translation>
    </message>
</context>
<context>
    <name>Transfer</name>
    <message>
        <source>Its best layer:</source>
        <translation>其中最好的层：</translation>
    </message>
    <message>
        <source>A simple classifier on its features is right on {score} of images that it has not seen (between {low} and {high}).</source>
        <translation>基于其特征的简单分类器能正确识别 {score} 未见过的图像（在 {low} 与 {high} 之间）。</translation>
    </message>
    <message>
        <source>This is the best place to cut.</source>
        <translation>这里是最佳截断处。</translation>
    </message>
</context>
<context>
    <name>TransferCurve</name>
    <message>
        <source>Accuracy by layer</source>
        <translation>各层的准确率</translation>
    </message>
    <message>
        <source>Accuracy, %</source>
        <translation>准确率（%）</translation>
    </message>
    <message>
        <source>Layers, from the input up</source>
        <translation>各层，从输入开始</translation>
    </message>
    <message>
        <source>Guessing reaches {chance}.</source>
        <translation>随机猜测可达 {chance}。</translation>
    </message>
    <message>
        <source>{layer}: {score} right by a simple classifier ({low} to {high}), {near} by nearest neighbours.</source>
        <translation>{layer}：简单分类器的正确率为 {score}（{low} 至 {high}），最近邻为 {near}。</translation>
    </message>
    <message>
        <source>a simple classifier (band: its range)</source>
        <translation>简单分类器（色带：其范围）</translation>
    </message>
    <message>
        <source>nearest neighbours</source>
        <translation>最近邻</translation>
    </message>
    <message>
        <source>guessing</source>
        <translation>随机猜测</translation>
    </message>
    <message>
        <source>the best cut</source>
        <translation>最佳截断处</translation>
    </message>
</context>
<context>
    <name>WaysTried</name>
    <message>
        <source>does not fit into memory</source>
        <translation>内存放不下</translation>
    </message>
    <message>
        <source>its loss grew without bounds</source>
        <translation>损失无限增大</translation>
    </message>
    <message>
        <source>could not be trained ({code})</source>
        <translation>无法训练（{code}）</translation>
    </message>
    <message>
        <source>Ways, the best first</source>
        <translation>各种方式，最好的在前</translation>
    </message>
    <message>
        <source>Way</source>
        <translation>方式</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>准确率</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>范围</translation>
    </message>
    <message>
        <source>Beside the best</source>
        <translation>与最好的相比</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>轮数</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>{way}: {failure}</source>
        <translation>{way}：{failure}</translation>
    </message>
    <message>
        <source>{low} to {high}</source>
        <translation>{low} 至 {high}</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>{epochs}, unfinished</source>
        <translation>{epochs}，未完成</translation>
    </message>
    <message>
        <source>best</source>
        <translation>最好</translation>
    </message>
    <message>
        <source>no difference</source>
        <translation>无差别</translation>
    </message>
    <message>
        <source>worse</source>
        <translation>较差</translation>
    </message>
    <message>
        <source>None of the ways could be trained.</source>
        <translation>没有一种方式能够训练。</translation>
    </message>
    <message>
        <source>Only “{way}” could be trained, so that there is nothing to compare it with.</source>
        <translation>只有“{way}”能够训练，因此无从比较。</translation>
    </message>
    <message>
        <source>No difference was shown: on {images} validation images the ranges of all ways overlap. Longer training or more validation images may tell them apart; else take the cheapest.</source>
        <translation>没有显示出差别：在 {images} 张验证图像上，所有方式的范围都相互重叠。更长的训练或更多的验证图像也许能分出高下；否则请选代价最小的。</translation>
    </message>
    <message>
        <source>No difference was shown among {ways}; the others did worse on {images} validation images.</source>
        <translation>{ways}之间没有显示出差别；其余方式在 {images} 张验证图像上较差。</translation>
    </message>
    <message>
        <source>“{way}”</source>
        <translation>“{way}”</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>“{way}” did best on {images} validation images, beyond the ranges of all others.</source>
        <translation>“{way}”在 {images} 张验证图像上最好，超出其余所有方式的范围。</translation>
    </message>
</context>
<context>
    <name>_PlanPage</name>
    <message>
        <source>The plan</source>
        <translation>方案</translation>
    </message>
    <message>
        <source>This is filled in when you finish. All of it can be changed, and undone, afterwards.</source>
        <translation>完成后将填入以下内容。之后都可以更改，也可以撤销。</translation>
    </message>
    <message>
        <source>the model&apos;s own classifier is kept</source>
        <translation>保留模型自己的分类器</translation>
    </message>
    <message>
        <source>a new one: {layers}</source>
        <translation>新的：{layers}</translation>
    </message>
    <message>
        <source>softmax</source>
        <translation>softmax</translation>
    </message>
    <message>
        <source>Way</source>
        <translation>方式</translation>
    </message>
    <message>
        <source>Cut</source>
        <translation>截断</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Frozen layers</source>
        <translation>冻结的层</translation>
    </message>
    <message>
        <source>{frozen} of {all}</source>
        <translation>{frozen} / {all}</translation>
    </message>
    <message>
        <source>Classifier</source>
        <translation>分类器</translation>
    </message>
    <message>
        <source>Random changes</source>
        <translation>随机变化</translation>
    </message>
    <message>
        <source>Optimizer</source>
        <translation>优化器</translation>
    </message>
    <message>
        <source>Epochs</source>
        <translation>轮数</translation>
    </message>
    <message>
        <source>Keeps the model of</source>
        <translation>保留的模型</translation>
    </message>
    <message>
        <source>the last epoch</source>
        <translation>最后一轮</translation>
    </message>
    <message>
        <source>Ends early</source>
        <translation>提前结束</translation>
    </message>
    <message>
        <source>after {epochs} epochs without gain</source>
        <translation>{epochs} 轮没有进步之后</translation>
    </message>
    <message>
        <source>Further layers</source>
        <translation>其他层</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>预计</translation>
    </message>
    <message>
        <source>{share} right</source>
        <translation>{share} 正确</translation>
    </message>
    <message>
        <source>no better than guessing</source>
        <translation>不比随机猜测好</translation>
    </message>
    <message>
        <source>Time at most</source>
        <translation>最长时间</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>{epochs} at most</source>
        <translation>最多 {epochs}</translation>
    </message>
    <message>
        <source>{epochs} at most, of which {first} for the new classifier alone</source>
        <translation>最多 {epochs} 轮，其中 {first} 轮只训练新分类器</translation>
    </message>
    <message>
        <source>light</source>
        <translation>轻微</translation>
    </message>
    <message>
        <source>strong</source>
        <translation>强</translation>
    </message>
    <message>
        <source>own mix</source>
        <translation>自定组合</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>批次大小</translation>
    </message>
    <message>
        <source>{name}: {value}</source>
        <translation>{name}：{value}</translation>
    </message>
</context>
<context>
    <name>_SimilarityPage</name>
    <message>
        <source>How similar are your images to those that the model was trained on?</source>
        <translation>您的图像与训练该模型所用的图像有多相似？</translation>
    </message>
    <message>
        <source>For example: the model knows photographs of animals and things, and yours are photographs, too; or it knows handwritten digits, and yours are other handwritten signs.</source>
        <translation>例如：模型学过动物和物体的照片，您的也是照片；或者模型学过手写数字，您的是其他手写符号。</translation>
    </message>
    <message>
        <source>For example: the model knows photographs, and yours are microscope or X-ray images.</source>
        <translation>例如：模型学过照片，而您的是显微镜或 X 光图像。</translation>
    </message>
    <message>
        <source>Similar</source>
        <translation>相似</translation>
    </message>
    <message>
        <source>Different</source>
        <translation>不同</translation>
    </message>
</context>
<context>
    <name>_SizePage</name>
    <message>
        <source>How many images are there?</source>
        <translation>有多少图像？</translation>
    </message>
    <message>
        <source>A large network would learn them by heart, so only little of it should be trained.</source>
        <translation>大网络会把它们死记下来，因此只应训练其中一小部分。</translation>
    </message>
    <message>
        <source>There is enough to train upper layers, or the whole network, without learning by heart.</source>
        <translation>图像足够训练上层或整个网络，而不会死记。</translation>
    </message>
    <message>
        <source>Few</source>
        <translation>少</translation>
    </message>
    <message>
        <source>Many</source>
        <translation>多</translation>
    </message>
    <message>
        <source>&amp;Let the network look at them instead</source>
        <translation>改由网络查看图像(&amp;L)</translation>
    </message>
    <message>
        <source>Your images could not be looked at through the network: {why}</source>
        <translation>无法用网络查看您的图像：{why}</translation>
    </message>
    <message>
        <source>{images} training images in {classes} classes, about {each} a class. That is {verdict}.</source>
        <translation>{classes} 个类别共 {images} 张训练图像，每类约 {each} 张。这算{verdict}。</translation>
    </message>
    <message>
        <source>few</source>
        <translation>少</translation>
    </message>
    <message>
        <source>many</source>
        <translation>多</translation>
    </message>
    <message>
        <source>No image folder is open, so please say it yourself.</source>
        <translation>没有打开图像文件夹，请您自己判断。</translation>
    </message>
</context>
</TS>
