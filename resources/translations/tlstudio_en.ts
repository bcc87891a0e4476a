<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>BakeOffDialog</name>
    <message numerus="yes">
        <source>Try all %n way(s)</source>
        <translation>
            <numerusform>Try %n way</numerusform>
            <numerusform>Try all %n ways</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DatasetPanel</name>
    <message numerus="yes">
        <source>; %Ln left out</source>
        <translation>
            <numerusform>; %Ln left out</numerusform>
            <numerusform>; %Ln left out</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln problem(s) found</source>
        <translation>
            <numerusform>%Ln problem found</numerusform>
            <numerusform>%Ln problems found</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ImageOptionsDialog</name>
    <message numerus="yes">
        <source>%Ln group(s); none of them is on both sides of a split that is made here.</source>
        <translation>
            <numerusform>%Ln group; a group is never on both sides of a split that is made here.</numerusform>
            <numerusform>%Ln groups; none of them is on both sides of a split that is made here.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ImagesPage</name>
    <message numerus="yes">
        <source>%Ln image(s)</source>
        <translation>
            <numerusform>%Ln image</numerusform>
            <numerusform>%Ln images</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message numerus="yes">
        <source>{names} and %n more</source>
        <translation>
            <numerusform>{names} and %n more</numerusform>
            <numerusform>{names} and %n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n: {names}</source>
        <translation>
            <numerusform>%n: {names}</numerusform>
            <numerusform>%n: {names}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n, without names</source>
        <translation>
            <numerusform>%n, without names</numerusform>
            <numerusform>%n, without names</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelPanel</name>
    <message numerus="yes">
        <source>%n warning(s)</source>
        <translation>
            <numerusform>%n warning</numerusform>
            <numerusform>%n warnings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s) mended</source>
        <translation>
            <numerusform>%n thing mended</numerusform>
            <numerusform>%n things mended</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>NotesList</name>
    <message numerus="yes">
        <source>… and %n more</source>
        <translation>
            <numerusform>… and %n more</numerusform>
            <numerusform>… and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ProblemsPage</name>
    <message numerus="yes">
        <source>%Ln problem(s) left</source>
        <translation>
            <numerusform>%Ln problem left</numerusform>
            <numerusform>%Ln problems left</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ReviewPanel</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
</context>
</TS>
